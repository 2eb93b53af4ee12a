import '@xyflow/react/dist/base.css';

import { type Edge, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef
} from 'react';

import type { IStructure, ITaskCell } from '../../api/types';
import { closeUp, type IPoint, neighbour } from '../../logic/graphLayout';
import type { InstanceCounts } from '../../logic/instances';
import { worstState } from '../../logic/states';
import { type IGraphBox, NODE_HEIGHT } from '../../logic/taskGraph';
import { IconButton } from '../common/Button';
import { belowElement, type IMenuPlace, isMenuKey } from '../common/MenuPopup';
import { Skeleton } from '../common/Screens';
import { useTrans } from '../common/trans';
import { groupLines, GroupNode, type GroupNodeType } from './GroupNode';
import { LabelledEdge, type LabelledEdgeType } from './LabelledEdge';
import { taskHandles, taskLines, TaskNode, type TaskNodeType } from './TaskNode';
import { type IDrawing, useDrawing } from './useDrawing';
import { usePreview } from './usePreview';

const NODE_TYPES = { task: TaskNode, box: GroupNode };
const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };
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
  closedGroups: ReadonlySet<string>;
  /** Open a closed group, or close an open one. */
  onToggleGroup: (groupId: string) => void;
  selectedTaskId: string | null;
  onSelect: (taskId: string) => void;
  /** Somebody asks what can be done with a task; null while no run is shown. */
  onMenu: ((taskId: string, at: IMenuPlace) => void) | null;
  /** A look at the DAG that a task runs. */
  preview: (dagId: string) => ReactNode;
}

/** The tasks and their order, in the colours of one run. */
export default function GraphView(props: IGraphViewProps): JSX.Element {
  const drawing = useDrawing(props.structure, props.closedGroups);
  return drawing ? (
    <ReactFlowProvider>
      <Graph {...props} drawing={drawing} />
    </ReactFlowProvider>
  ) : (
    <Skeleton lines={6} />
  );
}

interface IGraphProps extends IGraphViewProps {
  drawing: IDrawing;
}

function Graph(props: IGraphProps): JSX.Element {
  const { structure, cells, instances, drawing, selectedTaskId, onSelect, onMenu } = props;
  const { layout, graph, isVertical } = drawing;
  const trans = useTrans();
  const { fitView, setViewport } = useReactFlow();
  const root = useRef<HTMLDivElement>(null);
  const toggle = useToggleInPlace(root, drawing, props.onToggleGroup);
  useFitOnResize(root, () => {
    const { clientWidth = 0, clientHeight = 0 } = root.current ?? {};
    const near = closeUp(layout, selectedTaskId, clientWidth, clientHeight);
    void (near ? setViewport(near) : fitView(FIT));
  });
  const tasks = useMemo(
    () => new Map(structure.tasks.map(task => [task.task_id, task])),
    [structure]
  );
  const nodes = useMemo(() => {
    const groupData = (group: IGraphBox, isOpen: boolean): GroupNodeType['data'] => {
      const states = group.taskIds.flatMap(id => cells.get(id)?.state ?? []);
      return { group, isOpen, isVertical, state: states.length ? worstState(states) : undefined };
    };
    const boxes = graph.boxes.map((group): GroupNodeType => {
      const { x, y, width, height } = layout.boxes.get(group.id) ?? NOWHERE;
      const data = groupData(group, true);
      return {
        ...{ id: group.id, type: 'box', position: { x, y }, width, height, data, zIndex: -1 },
        ariaLabel: groupLines(data, trans).join(', ')
      };
    });
    const others = graph.nodes.map(({ id, width, group }): TaskNodeType | GroupNodeType => {
      const shared = {
        id,
        position: layout.nodes.get(id) ?? NOWHERE,
        width,
        height: NODE_HEIGHT,
        handles: taskHandles(width, isVertical)
      };
      if (group) {
        const data = groupData(group, false);
        const selected = selectedTaskId !== null && group.taskIds.includes(selectedTaskId);
        const ariaLabel = groupLines(data, trans).join(', ');
        return { ...shared, type: 'box', data, selected, ariaLabel };
      }
      const data = {
        task: tasks.get(id),
        state: cells.get(id)?.state,
        instances: instances.get(id),
        isVertical
      };
      return {
        ...shared,
        type: 'task',
        data,
        selected: id === selectedTaskId,
        ariaLabel: taskLines(id, data, trans).join(', ')
      };
    });
    return [...boxes, ...others];
  }, [graph, tasks, cells, instances, layout, selectedTaskId, isVertical, trans]);
  const edges = useMemo(() => edgesOf(drawing), [drawing]);
  const { shown, enter, leave } = usePreview(root);
  const previewed = shown && tasks.get(shown.id)?.run_dag_id;
  const offer = (id: string | null, element: Element): void => {
    if (id !== null && tasks.get(id)?.run_dag_id) {
      enter(id, element);
    }
  };

  const choose = (id: string): void => (tasks.has(id) ? onSelect(id) : toggle(id));
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const id = (event.target as HTMLElement).closest('.react-flow__node')?.getAttribute('data-id');
    if (!id) {
      return;
    }
    if (event.key === 'Escape') {
      leave();
    }
    const next = neighbour(id, event.key, layout);
    if (next) {
      event.preventDefault();
      nodeElement(root.current, next)?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(id);
    } else if (isMenuKey(event) && tasks.has(id)) {
      event.preventDefault();
      onMenu?.(id, belowElement(nodeElement(root.current, id)));
    }
  };
  const onNodeMenu = (event: MouseEvent, id: string): void => {
    if (onMenu && tasks.has(id)) {
      event.preventDefault();
      event.stopPropagation();
      nodeElement(root.current, id)?.focus({ preventScroll: true });
      onMenu(id, { x: event.clientX, y: event.clientY });
    }
  };
  return (
    <div
      className="jp-hubflow-GraphView"
      ref={root}
      onKeyDown={onKeyDown}
      onFocus={event => {
        if (event.target.matches('.react-flow__node:focus-visible')) {
          offer(event.target.getAttribute('data-id'), event.target);
        }
      }}
      onBlur={leave}
    >
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
            choose(node.id);
          }
        }}
        onNodeMouseEnter={(event, node) => offer(node.id, event.currentTarget)}
        onNodeMouseLeave={leave}
        onMoveStart={leave}
        onNodeContextMenu={(event, node) => onNodeMenu(event, node.id)}
        onlyRenderVisibleElements={nodes.length > MANY_TASKS}
        minZoom={0.02}
        proOptions={{ hideAttribution: true }}
      />
      {shown && previewed && (
        <div
          className="jp-hubflow-DagPreview"
          role="tooltip"
          data-above={shown.isAbove || undefined}
          style={{ left: shown.left, top: shown.top }}
        >
          {props.preview(previewed)}
        </div>
      )}
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

/** Open or close a group, so that it stays where it is on the screen and keeps the focus. */
function useToggleInPlace(
  root: React.RefObject<HTMLDivElement>,
  { layout }: IDrawing,
  onToggle: (groupId: string) => void
): (groupId: string) => void {
  const { getViewport, setViewport } = useReactFlow();
  const toggled = useRef<{ id: string; at: IPoint } | null>(null);
  const cornerOf = (id: string): IPoint | undefined => layout.boxes.get(id) ?? layout.nodes.get(id);
  useEffect(() => {
    const { id, at } = toggled.current ?? {};
    const now = id === undefined ? undefined : cornerOf(id);
    if (id !== undefined && at && now) {
      toggled.current = null;
      const { x, y, zoom } = getViewport();
      void setViewport({ x: x + (at.x - now.x) * zoom, y: y + (at.y - now.y) * zoom, zoom });
      nodeElement(root.current, id)?.focus({ preventScroll: true });
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only another layout moves it
  }, [layout]);
  return id => {
    const at = cornerOf(id);
    toggled.current = at ? { id, at } : null;
    onToggle(id);
  };
}

/** Fit again when the view gets another size: a graph fitted while hidden is a dot in a corner. */
function useFitOnResize(root: React.RefObject<HTMLDivElement>, fit: () => void): void {
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
  }, [root]);
}

function nodeElement(root: HTMLElement | null, id: string): HTMLElement | null {
  return root?.querySelector(`.react-flow__node[data-id=${CSS.escape(id)}]`) ?? null;
}
