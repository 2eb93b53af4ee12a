import '@xyflow/react/dist/base.css';

import { type Edge, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef } from 'react';

import type { IStructure, ITaskCell } from '../../api/types';
import { closeUp, type ILayout, neighbour } from '../../logic/graphLayout';
import type { InstanceCounts } from '../../logic/instances';
import { NODE_HEIGHT } from '../../logic/taskGraph';
import { IconButton } from '../common/Button';
import { belowElement, type IMenuPlace, isMenuKey } from '../common/MenuPopup';
import { Skeleton } from '../common/Screens';
import { useTrans } from '../common/trans';
import { LabelledEdge, type LabelledEdgeType } from './LabelledEdge';
import { taskHandles, taskLines, TaskNode, type TaskNodeType } from './TaskNode';
import { type IDrawing, useDrawing } from './useDrawing';

const NODE_TYPES = { task: TaskNode };
const EDGE_TYPES = { labelled: LabelledEdge };
const FIT = { padding: 0.12, maxZoom: 1.1 };
/** Above this many tasks only those in sight are in the page. */
const MANY_TASKS = 200;

interface IGraphViewProps {
  structure: IStructure;
  /** States of the shown run; empty when there is no run. */
  cells: ReadonlyMap<string, ITaskCell>;
  /** Of mapped tasks of the shown run, how many instances are in which state. */
  instances: ReadonlyMap<string, InstanceCounts>;
  selectedTaskId: string | null;
  onSelect: (taskId: string) => void;
  /** Somebody asks what can be done with a task; null while no run is shown. */
  onMenu: ((taskId: string, at: IMenuPlace) => void) | null;
}

/** The tasks and their order, in the colours of one run. */
export default function GraphView(props: IGraphViewProps): JSX.Element {
  const drawing = useDrawing(props.structure);
  return drawing ? (
    <ReactFlowProvider>
      <Graph {...props} drawing={drawing} />
    </ReactFlowProvider>
  ) : (
    <Skeleton lines={6} />
  );
}

function Graph(props: IGraphViewProps & { drawing: IDrawing }): JSX.Element {
  const { structure, cells, instances, drawing, selectedTaskId, onSelect, onMenu } = props;
  const { layout, graph, isVertical } = drawing;
  const trans = useTrans();
  const { fitView, setViewport } = useReactFlow();
  const root = useRef<HTMLDivElement>(null);
  useFitOnResize(root, layout, () => {
    const { clientWidth = 0, clientHeight = 0 } = root.current ?? {};
    const near = closeUp(layout, selectedTaskId, clientWidth, clientHeight);
    void (near ? setViewport(near) : fitView(FIT));
  });
  const tasks = useMemo(
    () => new Map(structure.tasks.map(task => [task.task_id, task])),
    [structure]
  );
  const nodes = useMemo(
    () =>
      graph.nodes.map(({ id, width }): TaskNodeType => {
        const data = {
          task: tasks.get(id),
          state: cells.get(id)?.state,
          instances: instances.get(id),
          isVertical
        };
        return {
          id,
          type: 'task',
          position: layout.nodes.get(id) ?? { x: 0, y: 0 },
          width,
          height: NODE_HEIGHT,
          handles: taskHandles(width, isVertical),
          data,
          selected: id === selectedTaskId,
          ariaLabel: taskLines(id, data, trans).join(', ')
        };
      }),
    [graph, tasks, cells, instances, layout, selectedTaskId, isVertical, trans]
  );
  const edges = useMemo(() => edgesOf(drawing), [drawing]);

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
        edgeTypes={EDGE_TYPES}
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

function edgesOf({ graph, layout, isVertical }: IDrawing): (Edge | LabelledEdgeType)[] {
  return graph.edges.map(({ id, source, target, label }) => {
    const middle = layout.labels.get(id);
    return label !== null && middle
      ? { id, source, target, type: 'labelled', data: { text: label, middle, isVertical } }
      : { id, source, target };
  });
}

/** Fit again when the view gets another size: a graph fitted while hidden is a dot in a corner. */
function useFitOnResize(
  root: React.RefObject<HTMLDivElement>,
  layout: ILayout,
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
