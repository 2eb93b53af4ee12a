import { useEffect, useMemo, useState } from 'react';

import type { IStructure } from '../../api/types';
import { carefulLayout } from '../../logic/elk';
import { CAREFUL_LIMIT, type ILayout, layeredLayout } from '../../logic/graphLayout';
import { type ITaskGraph, taskGraph } from '../../logic/taskGraph';

/** A graph and where its parts are. */
export interface IDrawing {
  graph: ITaskGraph;
  layout: ILayout;
  isVertical: boolean;
}

/**
 * The graph of a version of a DAG; null until it is laid out. While a group opens or closes, the
 * drawing from before stays.
 */
export function useDrawing(structure: IStructure, closed: ReadonlySet<string>): IDrawing | null {
  const graph = useMemo(() => taskGraph(structure, closed), [structure, closed]);
  const shape = useMemo(() => JSON.stringify(graph), [graph]);
  const version = useMemo(() => shapeOf(structure), [structure]);
  const isVertical = structure.orientation === 'TB' && structure.tasks.length <= CAREFUL_LIMIT;
  const [ready, setReady] = useState<{ version: string; drawing: IDrawing } | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const layout =
      graph.nodes.length > CAREFUL_LIMIT
        ? Promise.resolve(layeredLayout(graph))
        : carefulLayout(graph, isVertical);
    void layout.then(found => {
      if (isCurrent) {
        setReady({ version, drawing: { graph, layout: found, isVertical } });
      }
    });
    return () => {
      isCurrent = false;
    };
    // A version with the same tasks and edges keeps its picture.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `shape` stands for `graph`
  }, [shape, version, isVertical]);
  return ready?.version === version ? ready.drawing : null;
}

function shapeOf({ tasks }: IStructure): string {
  return tasks
    .map(task => `${task.task_id}@${task.group_id ?? ''}>${task.downstream.join(',')}`)
    .join(';');
}
