import '@xyflow/react/dist/base.css';

import { ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from 'react';

import type { IStructure, IStructureTask, ITaskCell } from '../../api/types';
import { carefulLayout } from '../../logic/elk';
import {
  CAREFUL_LIMIT,
  closeUp,
  edgesOf,
  type Layout,
  layeredLayout,
  neighbour,
  NODE_HEIGHT,
  nodeWidths
} from '../../logic/graphLayout';
import { stateLabel } from '../../logic/states';
import { IconButton } from '../common/Button';
import { belowElement, type IMenuPlace, isMenuKey } from '../common/MenuPopup';
import { Skeleton } from '../common/Screens';
import { useTrans } from '../common/trans';
import { taskHandles, TaskNode, type TaskNodeType } from './TaskNode';

const NODE_TYPES = { task: TaskNode };
const FIT = { padding: 0.12, maxZoom: 1.1 };
/** Above this many tasks only those in sight are in the page. */
const MANY_TASKS = 200;

interface IGraphViewProps {
  structure: IStructure;
  /** States of the shown run; empty when there is no run. */
  cells: ReadonlyMap<string, ITaskCell>;
  selectedTaskId: string | null;
  onSelect: (taskId: string) => void;
  /** Somebody asks what can be done with a task; null while no run is shown. */
  onMenu: ((taskId: string, at: IMenuPlace) => void) | null;
}

/** The tasks and their order, in the colours of one run. */
export default function GraphView(props: IGraphViewProps): JSX.Element {
  const layout = useLayout(props.structure);
  return layout ? (
    <ReactFlowProvider>
      <Graph {...props} layout={layout} />
    </ReactFlowProvider>
  ) : (
    <Skeleton lines={6} />
  );
}

function Graph(props: IGraphViewProps & { layout: Layout }): JSX.Element {
  const { structure, cells, layout, selectedTaskId, onSelect, onMenu } = props;
  const trans = useTrans();
  const { fitView, setViewport } = useReactFlow();
  const root = useRef<HTMLDivElement>(null);
  useFitOnResize(root, layout, () => {
    const { clientWidth = 0, clientHeight = 0 } = root.current ?? {};
    const near = closeUp(layout, selectedTaskId, clientWidth, clientHeight);
    void (near ? setViewport(near) : fitView(FIT));
  });
  const isVertical = isDownward(structure);
  const widths = useMemo(() => nodeWidths(structure.tasks), [structure]);
  const nodes = useMemo(
    () =>
      structure.tasks.map((task): TaskNodeType => {
        const state = cells.get(task.task_id)?.state;
        const width = widths.get(task.task_id) ?? 0;
        return {
          id: task.task_id,
          type: 'task',
          position: layout.get(task.task_id) ?? { x: 0, y: 0 },
          width,
          height: NODE_HEIGHT,
          handles: taskHandles(width, isVertical),
          data: { operator: task.operator, state, isVertical },
          selected: task.task_id === selectedTaskId,
          ariaLabel: [task.task_id, state && stateLabel(state, trans)].filter(Boolean).join(', ')
        };
      }),
    [structure, cells, layout, widths, selectedTaskId, isVertical, trans]
  );
  const edges = useMemo(() => edgesOf(structure.tasks), [structure]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const id = (event.target as HTMLElement).closest('.react-flow__node')?.getAttribute('data-id');
    if (!id) {
      return;
    }
    const next = neighbour(id, event.key, layout);
    if (next) {
      event.preventDefault();
      nodeElement(root.current, next)?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onSelect(id);
    } else if (isMenuKey(event)) {
      event.preventDefault();
      onMenu?.(id, belowElement(nodeElement(root.current, id)));
    }
  };
  const onNodeMenu = (event: MouseEvent, id: string): void => {
    if (onMenu) {
      event.preventDefault();
      event.stopPropagation();
      nodeElement(root.current, id)?.focus({ preventScroll: true });
      onMenu(id, { x: event.clientX, y: event.clientY });
    }
  };
  return (
    <div className="jp-hubflow-GraphView" ref={root} onKeyDown={onKeyDown}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        elementsSelectable
        onNodeClick={(event, node) => {
          if ((event.target as Element).closest('[data-more]')) {
            onNodeMenu(event, node.id);
          } else {
            onSelect(node.id);
          }
        }}
        onNodeContextMenu={(event, node) => onNodeMenu(event, node.id)}
        onlyRenderVisibleElements={nodes.length > MANY_TASKS}
        minZoom={0.02}
        proOptions={{ hideAttribution: true }}
      />
      <div className="jp-hubflow-GraphView-tools">
        <IconButton
          icon="fit"
          label={trans.__('Show the whole graph')}
          onClick={() => void fitView({ ...FIT, duration: 200 })}
        />
      </div>
    </div>
  );
}

function isDownward(structure: IStructure): boolean {
  return structure.orientation === 'TB' && structure.tasks.length <= CAREFUL_LIMIT;
}

function useLayout(structure: IStructure): Layout | null {
  const { tasks } = structure;
  const shape = useMemo(() => shapeOf(tasks), [tasks]);
  const [ready, setReady] = useState<{ shape: string; layout: Layout } | null>(null);
  const isVertical = isDownward(structure);
  useEffect(() => {
    let isCurrent = true;
    const layout =
      tasks.length > CAREFUL_LIMIT
        ? Promise.resolve(layeredLayout(tasks))
        : carefulLayout(tasks, isVertical);
    void layout.then(found => {
      if (isCurrent) {
        setReady({ shape, layout: found });
      }
    });
    return () => {
      isCurrent = false;
    };
    // A version with the same tasks and edges keeps its picture.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `shape` stands for `tasks`
  }, [shape, isVertical]);
  return ready?.shape === shape ? ready.layout : null;
}

function shapeOf(tasks: IStructureTask[]): string {
  return tasks.map(task => `${task.task_id}>${task.downstream.join(',')}`).join(';');
}

/** Fit again when the view gets another size: a graph fitted while hidden is a dot in a corner. */
function useFitOnResize(
  root: React.RefObject<HTMLDivElement>,
  layout: Layout,
  fit: () => void
): void {
  const latest = useRef(fit);
  useEffect(() => {
    latest.current = fit;
  });
  useEffect(() => {
    const element = root.current;
    if (!element) {
      return undefined;
    }
    const observer = new ResizeObserver(() => requestAnimationFrame(() => latest.current()));
    observer.observe(element);
    return () => observer.disconnect();
  }, [root, layout]);
}

function nodeElement(root: HTMLElement | null, id: string): HTMLElement | null {
  return root?.querySelector(`.react-flow__node[data-id=${CSS.escape(id)}]`) ?? null;
}
