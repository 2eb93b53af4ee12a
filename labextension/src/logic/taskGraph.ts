import type { IStructure, IStructureTask } from '../api/types';

interface IGraphNode {
  id: string;
  width: number;
  /** The open group that it is in. */
  boxId: string | null;
  /** The closed group that it is; null for a task. */
  group: IGraphBox | null;
}

/** A task group and the tasks in it, those of groups in it included. */
export interface IGraphBox {
  id: string;
  parentId: string | null;
  label: string;
  tooltip: string;
  taskIds: string[];
}

export interface IGraphEdge {
  id: string;
  source: string;
  target: string;
  /** What the author wrote on it; null for most. */
  label: string | null;
}

/** What is drawn: nodes in topological order, open groups around them, and what joins them. */
export interface ITaskGraph {
  nodes: IGraphNode[];
  /** Open groups, each after the one around it. */
  boxes: IGraphBox[];
  edges: IGraphEdge[];
}

type Structure = Pick<IStructure, 'tasks' | 'groups' | 'edge_labels'>;

export const NODE_HEIGHT = 44;
export const LABEL_HEIGHT = 18;
const LABEL_WIDTH = 180;

/** A closed group stands for what is in it: its edges are those of all its tasks. */
export function taskGraph(structure: Structure, closed: ReadonlySet<string>): ITaskGraph {
  const places = new Places(structure, closed);
  const nodes = new Map<string, IGraphNode>();
  for (const task of structure.tasks) {
    const group = places.closedGroupOf(task);
    const id = group?.id ?? task.task_id;
    if (!nodes.has(id)) {
      const boxId = group ? group.parentId : task.group_id;
      nodes.set(id, {
        id,
        boxId,
        group,
        width: group ? nodeWidth(group.label) + 48 : taskWidth(task)
      });
    }
  }
  const edges = lifted(structure, places.nodeOf);
  return {
    nodes: withEqualWidths([...nodes.values()], edges),
    boxes: [...places.boxes.values()].filter(
      ({ id, taskIds }) => places.isOpen(id) && taskIds.length
    ),
    edges
  };
}

/** The groups of a DAG, and which node each task is drawn as. */
class Places {
  constructor({ tasks, groups }: Structure, closed: ReadonlySet<string>) {
    for (const { group_id, parent_id, label, tooltip } of groups) {
      this.boxes.set(group_id, { id: group_id, parentId: parent_id, label, tooltip, taskIds: [] });
      const outer = parent_id === null ? null : (this.outermost.get(parent_id) ?? null);
      this.outermost.set(group_id, outer ?? (closed.has(group_id) ? group_id : null));
    }
    for (const task of tasks) {
      for (let id = task.group_id; id !== null; id = this.boxes.get(id)?.parentId ?? null) {
        this.boxes.get(id)?.taskIds.push(task.task_id);
      }
      this.nodes.set(task.task_id, this.closedGroupOf(task)?.id ?? task.task_id);
    }
  }

  readonly boxes = new Map<string, IGraphBox>();

  readonly nodeOf = (taskId: string): string | undefined => this.nodes.get(taskId);

  isOpen(groupId: string): boolean {
    return this.outermost.get(groupId) === null;
  }

  closedGroupOf({ group_id }: IStructureTask): IGraphBox | null {
    const id = group_id === null ? null : this.outermost.get(group_id);
    return id ? (this.boxes.get(id) ?? null) : null;
  }

  /** Of each group, the outermost closed one that it is or is in. */
  private readonly outermost = new Map<string, string | null>();
  private readonly nodes = new Map<string, string>();
}

/** Width that shows the label without cutting it, within limits. */
export function nodeWidth(label: string): number {
  return Math.min(320, Math.max(160, Math.round(label.length * 8.2) + 60));
}

function taskWidth(task: IStructureTask): number {
  const marks = (task.is_mapped ? 36 : 0) + (task.is_setup || task.is_teardown ? 64 : 0);
  return nodeWidth(task.task_display_name) + marks;
}

/** Width of the text on an edge, within limits. */
export function labelWidth(text: string): number {
  return Math.min(LABEL_WIDTH, Math.round(text.length * 7.2) + 16);
}

/** Each as wide as the widest beside it in the same layer, so that edges line up. */
function withEqualWidths(nodes: IGraphNode[], edges: IGraphEdge[]): IGraphNode[] {
  const depth = depths(
    nodes.map(node => node.id),
    edges
  );
  const layers = new Map<number, number>();
  for (const { id, width } of nodes) {
    const layer = depth.get(id) ?? 0;
    layers.set(layer, Math.max(layers.get(layer) ?? 0, width));
  }
  return nodes.map(node => ({ ...node, width: layers.get(depth.get(node.id) ?? 0) ?? 0 }));
}

/** Edges between what is drawn, once each; a version may name tasks that it does not have. */
function lifted(
  { tasks, edge_labels }: Structure,
  nodeOf: (taskId: string) => string | undefined
): IGraphEdge[] {
  const labels = new Map(
    edge_labels.map(({ upstream, downstream, text }) => [edgeId(upstream, downstream), text])
  );
  const edges = new Map<string, IGraphEdge>();
  for (const { task_id, downstream } of tasks) {
    const source = nodeOf(task_id) ?? task_id;
    for (const taskId of downstream) {
      const target = nodeOf(taskId);
      if (target !== undefined && target !== source) {
        const id = edgeId(source, target);
        const label = edges.get(id)?.label ?? labels.get(edgeId(task_id, taskId)) ?? null;
        edges.set(id, { id, source, target, label });
      }
    }
  }
  return [...edges.values()];
}

function edgeId(source: string, target: string): string {
  return `${source} → ${target}`;
}

/** Depth of each node: one more than its deepest upstream node. Ids in topological order. */
export function depths(ids: string[], edges: IGraphEdge[]): ReadonlyMap<string, number> {
  const downstream = new Map<string, string[]>(ids.map(id => [id, []]));
  for (const { source, target } of edges) {
    downstream.get(source)?.push(target);
  }
  const depth = new Map(ids.map(id => [id, 0]));
  for (const [id, targets] of downstream) {
    const next = (depth.get(id) ?? 0) + 1;
    for (const target of targets) {
      depth.set(target, Math.max(depth.get(target) ?? 0, next));
    }
  }
  return depth;
}
