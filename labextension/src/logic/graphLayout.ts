import type { IStructureTask } from '../api/types';

interface IPoint {
  x: number;
  y: number;
}

export interface IEdge {
  id: string;
  source: string;
  target: string;
}

/** Positions of the upper left corners, by task id. */
export type Layout = ReadonlyMap<string, IPoint>;

export const NODE_HEIGHT = 44;
const GAP_ALONG = 44;
const GAP_ACROSS = 16;
/** Above this many tasks the careful layout takes too long; the layered one is instant. */
export const CAREFUL_LIMIT = 600;

/** Width that shows the label without cutting it, within limits. */
function nodeWidth(label: string): number {
  return Math.min(320, Math.max(124, Math.round(label.length * 8.2) + 52));
}

/** Width of each task: that of the widest beside it in the same layer, so that edges line up. */
export function nodeWidths(tasks: IStructureTask[]): ReadonlyMap<string, number> {
  const depth = depths(tasks);
  const layers = new Map<number, number>();
  for (const { task_id } of tasks) {
    const layer = depth.get(task_id) ?? 0;
    layers.set(layer, Math.max(layers.get(layer) ?? 0, nodeWidth(task_id)));
  }
  return new Map(tasks.map(({ task_id }) => [task_id, layers.get(depth.get(task_id) ?? 0) ?? 0]));
}

export function edgesOf(tasks: IStructureTask[]): IEdge[] {
  const known = new Set(tasks.map(task => task.task_id));
  return tasks.flatMap(task =>
    task.downstream
      .filter(target => known.has(target))
      .map(target => ({ id: `${task.task_id} → ${target}`, source: task.task_id, target }))
  );
}

/** Depth of each task: one more than its deepest upstream task. Tasks in topological order. */
export function depths(tasks: IStructureTask[]): ReadonlyMap<string, number> {
  const depth = new Map(tasks.map(task => [task.task_id, 0]));
  for (const task of tasks) {
    const next = (depth.get(task.task_id) ?? 0) + 1;
    for (const target of task.downstream) {
      if ((depth.get(target) ?? Infinity) < next) {
        depth.set(target, next);
      }
    }
  }
  return depth;
}

/** Columns by depth from left to right, each centred. Linear in the number of tasks. */
export function layeredLayout(tasks: IStructureTask[]): Layout {
  const depth = depths(tasks);
  const layers: string[][] = [];
  for (const task of tasks) {
    (layers[depth.get(task.task_id) ?? 0] ??= []).push(task.task_id);
  }
  const tallest = Math.max(0, ...layers.map(layer => layer.length));
  const layout = new Map<string, IPoint>();
  let x = 0;
  for (const layer of layers) {
    const top = ((tallest - layer.length) * (NODE_HEIGHT + GAP_ACROSS)) / 2;
    layer.forEach((id, index) =>
      layout.set(id, { x, y: top + index * (NODE_HEIGHT + GAP_ACROSS) })
    );
    x += Math.max(...layer.map(nodeWidth)) + GAP_ALONG;
  }
  return layout;
}

export interface IViewport extends IPoint {
  zoom: number;
}

/** Below this zoom nobody can read a task's name. */
const READABLE = 0.4;

/**
 * Where to look when the whole graph would be too small to read: at `focus`, or at where the
 * graph begins. Null when the whole graph can be shown.
 */
export function closeUp(
  layout: Layout,
  focus: string | null,
  width: number,
  height: number
): IViewport | null {
  const points = [...layout.values()];
  const right = Math.max(0, ...points.map(point => point.x)) + nodeWidth('');
  const bottom = Math.max(0, ...points.map(point => point.y)) + NODE_HEIGHT;
  if (Math.min(width / right, height / bottom) >= READABLE) {
    return null;
  }
  const chosen = focus === null ? undefined : layout.get(focus);
  const first = points.reduce(
    (a, b) => (b.x + b.y < a.x + a.y ? b : a),
    points[0] ?? { x: 0, y: 0 }
  );
  const zoom = 2 * READABLE;
  return chosen
    ? { x: width / 2 - chosen.x * zoom, y: height / 2 - chosen.y * zoom, zoom }
    : { x: 24 - first.x * zoom, y: Math.min(height / 2, 200) - first.y * zoom, zoom };
}

/** The nearest task in the direction of an arrow key; null when there is none. */
export function neighbour(from: string, key: string, layout: Layout): string | null {
  const start = layout.get(from);
  const along = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    key
  ];
  if (!start || !along) {
    return null;
  }
  const [dx = 0, dy = 0] = along;
  let best: string | null = null;
  let shortest = Infinity;
  for (const [id, point] of layout) {
    const ahead = (point.x - start.x) * dx + (point.y - start.y) * dy;
    const aside = Math.abs((point.x - start.x) * dy) + Math.abs((point.y - start.y) * dx);
    const distance = ahead + 2 * aside;
    if (id !== from && ahead > 1 && distance < shortest) {
      best = id;
      shortest = distance;
    }
  }
  return best;
}
