import { useMemo } from 'react';

import type { IStructure, ITaskCell } from '../../api/types';
import { layeredLayout } from '../../logic/graphLayout';
import { knownState } from '../../logic/states';
import { NODE_HEIGHT, taskGraph } from '../../logic/taskGraph';
import { useTrans } from '../common/trans';

const NO_GROUP_CLOSED: ReadonlySet<string> = new Set();
const MARGIN = 8;
/** With more tasks than this their names could not be read. */
const MOST_NAMES = 24;
/** With more than this the picture would be grey dust, and slow. */
const MOST_TASKS = 500;

interface IDagPictureProps {
  structure: IStructure;
  cells: ReadonlyMap<string, ITaskCell>;
}

/** A small picture of a DAG, in the colours of a run; nothing in it can be chosen. */
export function DagPicture({ structure, cells }: IDagPictureProps): JSX.Element {
  const trans = useTrans();
  const count = structure.tasks.length;
  const picture = useMemo(
    () => (count <= MOST_TASKS ? pictureOf(structure) : null),
    [structure, count]
  );
  if (!picture) {
    return <p>{trans._n('%1 task', '%1 tasks', count)}</p>;
  }
  const { nodes, edges, width, height } = picture;
  const names = new Map(structure.tasks.map(task => [task.task_id, task.task_display_name]));
  return (
    <svg
      className="jp-hubflow-DagPicture"
      viewBox={`${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`}
      // Small ones are not blown up.
      style={{ maxWidth: width + 2 * MARGIN }}
      role="img"
      aria-label={trans._n('%1 task', '%1 tasks', count)}
    >
      {edges.map(({ id, d }) => (
        <path key={id} d={d} />
      ))}
      {nodes.map(({ id, x, y, width: across }) => {
        const state = cells.get(id)?.state;
        return (
          <g key={id} data-state={state && knownState(state)}>
            <rect x={x} y={y} width={across} height={NODE_HEIGHT} rx={4} />
            <rect x={x} y={y} width={6} height={NODE_HEIGHT} rx={2} data-edge />
            {nodes.length <= MOST_NAMES && (
              <text x={x + 14} y={y + NODE_HEIGHT / 2} dominantBaseline="central">
                {names.get(id) ?? id}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

interface IPicture {
  nodes: { id: string; x: number; y: number; width: number }[];
  edges: { id: string; d: string }[];
  width: number;
  height: number;
}

function pictureOf(structure: IStructure): IPicture {
  const graph = taskGraph(structure, NO_GROUP_CLOSED);
  const layout = layeredLayout(graph);
  const nodes = graph.nodes.map(({ id, width }) => {
    const { x, y } = layout.nodes.get(id) ?? { x: 0, y: 0 };
    return { id, x, y, width };
  });
  const byId = new Map(nodes.map(node => [node.id, node]));
  const edges = graph.edges.flatMap(({ id, source, target }) => {
    const [from, to] = [byId.get(source), byId.get(target)];
    if (!from || !to) {
      return [];
    }
    const [x1, y1] = [from.x + from.width, from.y + NODE_HEIGHT / 2];
    const [x2, y2] = [to.x, to.y + NODE_HEIGHT / 2];
    const middle = (x1 + x2) / 2;
    return [{ id, d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` }];
  });
  return {
    nodes,
    edges,
    width: Math.max(0, ...nodes.map(node => node.x + node.width)),
    height: Math.max(0, ...nodes.map(node => node.y + NODE_HEIGHT))
  };
}
