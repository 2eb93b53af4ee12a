import {
  depths,
  type IGraphEdge,
  type ITaskGraph,
  labelWidth,
  NODE_HEIGHT,
  nodeWidth
} from './taskGraph';

export interface IPoint {
  x: number;
  y: number;
}

/** Where everything is drawn. */
export interface ILayout {
  /** Upper left corners, by the id of a node. */
  nodes: ReadonlyMap<string, IPoint>;
  /** Middles of labels, by the id of an edge. */
  labels: ReadonlyMap<string, IPoint>;
}

const GAP_ALONG = 44;
const GAP_ACROSS = 16;
const LABEL_STEP = 20;
/** Above this many tasks the careful layout takes too long; the layered one is instant. */
export const CAREFUL_LIMIT = 600;

/**
 * Columns by depth from left to right, each centred. Linear in the number of tasks. Labels stand
 * before the node that their edge leads to.
 */
export function layeredLayout({ nodes, edges }: ITaskGraph): ILayout {
  const depth = depths(
    nodes.map(node => node.id),
    edges
  );
  const layers: ITaskGraph['nodes'][] = [];
  for (const node of nodes) {
    (layers[depth.get(node.id) ?? 0] ??= []).push(node);
  }
  const gaps = labelGaps(edges, depth);
  const tallest = Math.max(0, ...layers.map(layer => layer.length));
  const corners = new Map<string, IPoint>();
  let x = 0;
  layers.forEach((layer, index) => {
    const top = ((tallest - layer.length) * (NODE_HEIGHT + GAP_ACROSS)) / 2;
    x += gaps[index] ?? 0;
    layer.forEach(({ id }, row) =>
      corners.set(id, { x, y: top + row * (NODE_HEIGHT + GAP_ACROSS) })
    );
    x += Math.max(...layer.map(node => node.width)) + GAP_ALONG;
  });
  return { nodes: corners, labels: labelsBefore(edges, corners) };
}

/** Room for labels before each layer. */
function labelGaps(edges: IGraphEdge[], depth: ReadonlyMap<string, number>): number[] {
  const gaps: number[] = [];
  for (const { target, label } of edges) {
    if (label !== null) {
      const layer = depth.get(target) ?? 0;
      gaps[layer] = Math.max(gaps[layer] ?? 0, labelWidth(label));
    }
  }
  return gaps;
}

function labelsBefore(
  edges: IGraphEdge[],
  corners: ReadonlyMap<string, IPoint>
): ReadonlyMap<string, IPoint> {
  const found = new Map<string, IPoint>();
  const before = new Map<string, number>();
  for (const { id, target, label } of edges) {
    const corner = corners.get(target);
    if (label !== null && corner) {
      const others = before.get(target) ?? 0;
      before.set(target, others + 1);
      const x = corner.x - GAP_ALONG / 2 - labelWidth(label) / 2;
      found.set(id, { x, y: corner.y + NODE_HEIGHT / 2 + others * LABEL_STEP });
    }
  }
  return found;
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
  { nodes }: ILayout,
  focus: string | null,
  width: number,
  height: number
): IViewport | null {
  const points = [...nodes.values()];
  const right = Math.max(0, ...points.map(point => point.x)) + nodeWidth('');
  const bottom = Math.max(0, ...points.map(point => point.y)) + NODE_HEIGHT;
  if (Math.min(width / right, height / bottom) >= READABLE) {
    return null;
  }
  const chosen = focus === null ? undefined : nodes.get(focus);
  const first = points.reduce(
    (a, b) => (b.x + b.y < a.x + a.y ? b : a),
    points[0] ?? { x: 0, y: 0 }
  );
  const zoom = 2 * READABLE;
  return chosen
    ? { x: width / 2 - chosen.x * zoom, y: height / 2 - chosen.y * zoom, zoom }
    : { x: 24 - first.x * zoom, y: Math.min(height / 2, 200) - first.y * zoom, zoom };
}

/** The nearest node in the direction of an arrow key; null when there is none. */
export function neighbour(from: string, key: string, { nodes }: ILayout): string | null {
  const start = nodes.get(from);
  const along = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    key
  ];
  if (!start || !along) {
    return null;
  }
  const [dx = 0, dy = 0] = along;
  let best: string | null = null;
  let shortest = Infinity;
  for (const [id, point] of nodes) {
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
