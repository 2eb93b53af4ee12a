import type { IStructure, IStructureTask } from '../api/types';

interface IGraphNode {
  id: string;
  width: number;
}

export interface IGraphEdge {
  id: string;
  source: string;
  target: string;
  /** What the author wrote on it; null for most. */
  label: string | null;
}

/** What is drawn: nodes in topological order, and what joins them. */
export interface ITaskGraph {
  nodes: IGraphNode[];
  edges: IGraphEdge[];
}

export const NODE_HEIGHT = 44;
export const LABEL_HEIGHT = 18;
const LABEL_WIDTH = 180;

export function taskGraph(structure: Pick<IStructure, 'tasks' | 'edge_labels'>): ITaskGraph {
  const edges = edgesOf(structure);
  return {
    nodes: withWidths(structure.tasks, edges),
    edges
  };
}

/** Width that shows the label without cutting it, within limits. */
export function nodeWidth(label: string): number {
  return Math.min(320, Math.max(124, Math.round(label.length * 8.2) + 52));
}

/** Width of the text on an edge, within limits. */
export function labelWidth(text: string): number {
  return Math.min(LABEL_WIDTH, Math.round(text.length * 7.2) + 16);
}

/** Each as wide as the widest beside it in the same layer, so that edges line up. */
function withWidths(tasks: IStructureTask[], edges: IGraphEdge[]): IGraphNode[] {
  const ids = tasks.map(task => task.task_id);
  const depth = depths(ids, edges);
  const layers = new Map<number, number>();
  for (const task of tasks) {
    const layer = depth.get(task.task_id) ?? 0;
    const width = nodeWidth(task.task_id) + marksWidth(task);
    layers.set(layer, Math.max(layers.get(layer) ?? 0, width));
  }
  return ids.map(id => ({ id, width: layers.get(depth.get(id) ?? 0) ?? 0 }));
}

function marksWidth(task: IStructureTask): number {
  return (task.is_mapped ? 36 : 0) + (task.is_setup || task.is_teardown ? 20 : 0);
}

/** Edges between the tasks that there are; a version may name others. */
function edgesOf({ tasks, edge_labels }: Pick<IStructure, 'tasks' | 'edge_labels'>): IGraphEdge[] {
  const known = new Set(tasks.map(task => task.task_id));
  const labels = new Map(
    edge_labels.map(({ upstream, downstream, text }) => [edgeId(upstream, downstream), text])
  );
  return tasks.flatMap(({ task_id, downstream }) =>
    downstream
      .filter(target => known.has(target))
      .map(target => {
        const id = edgeId(task_id, target);
        return { id, source: task_id, target, label: labels.get(id) ?? null };
      })
  );
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
