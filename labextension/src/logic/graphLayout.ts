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

export interface IBox extends IPoint {
  width: number;
  height: number;
}

/** Where everything is drawn. */
export interface ILayout {
  /** Upper left corners, by the id of a node. */
  nodes: ReadonlyMap<string, IPoint>;
  /** Open groups, by their id. */
  boxes: ReadonlyMap<string, IBox>;
  /** Middles of labels, by the id of an edge. */
  labels: ReadonlyMap<string, IPoint>;
}

/** Room within a group, around what is in it. */
export const BOX_PADDING = { top: 36, side: 12 };
const GAP_ALONG = 44;
const GAP_ACROSS = 16;
const LABEL_STEP = 20;
/** Above this many tasks the careful layout takes too long; the layered one is instant. */
export const CAREFUL_LIMIT = 600;

/**
 * Columns by depth from left to right, each centred, and so within each group. Linear in the number
 * of tasks. Labels stand before the node that their edge leads to.
 */
export function layeredLayout(graph: ITaskGraph): ILayout {
  const blocks = blocksOf(graph);
  const nodes = new Map<string, IPoint>();
  const boxes = new Map<string, IBox>();
  const put = ({ items }: IBlock, left: number, top: number): void => {
    for (const { id, x, y, width, height, block } of items) {
      const corner = { x: left + x, y: top + y };
      if (block) {
        boxes.set(id, { ...corner, width, height });
        put(block, corner.x + BOX_PADDING.side, corner.y + BOX_PADDING.top);
      } else {
        nodes.set(id, corner);
      }
    }
  };
  put(blocks, 0, 0);
  return { nodes, boxes, labels: labelsBefore(graph.edges, nodes) };
}

interface IItem extends IBox {
  id: string;
  /** What is in it, when it is an open group. */
  block: IBlock | null;
}

/** What lies side by side, at the top or in one group, and the edges between that. */
interface IBlock {
  items: IItem[];
  edges: IGraphEdge[];
  /** Width of the widest label before an item. */
  labels: Map<string, number>;
}

function newBlock(): IBlock {
  return { items: [], edges: [], labels: new Map() };
}

function blocksOf({ nodes, boxes, edges }: ITaskGraph): IBlock {
  const top = newBlock();
  const blocks = new Map<string | null, IBlock>([[null, top]]);
  const parents = new Map(boxes.map(({ id, parentId }) => [id, parentId]));
  const boxOf = new Map(nodes.map(({ id, boxId }) => [id, boxId]));
  const pathTo = (id: string): string[] => {
    const path = [id];
    for (let box = boxOf.get(id) ?? null; box !== null; box = parents.get(box) ?? null) {
      path.unshift(box);
    }
    return path;
  };
  for (const { id, width } of nodes) {
    let block = top;
    for (const step of pathTo(id).slice(0, -1)) {
      let inner = blocks.get(step);
      if (!inner) {
        inner = newBlock();
        blocks.set(step, inner);
        block.items.push({ id: step, x: 0, y: 0, width: 0, height: 0, block: inner });
      }
      block = inner;
    }
    block.items.push({ id, x: 0, y: 0, width, height: NODE_HEIGHT, block: null });
  }
  for (const edge of edges) {
    const [from, to] = [pathTo(edge.source), pathTo(edge.target)];
    const split = from.findIndex((step, index) => step !== to[index]);
    const block = blocks.get(from[split - 1] ?? null);
    block?.edges.push({ ...edge, source: from[split] ?? '', target: to[split] ?? '' });
    if (edge.label !== null) {
      const { labels } = blocks.get(boxOf.get(edge.target) ?? null) ?? top;
      labels.set(edge.target, Math.max(labels.get(edge.target) ?? 0, labelWidth(edge.label)));
    }
  }
  arrange(top);
  return top;
}

/** Place the items of a block, what is in them first; return the size of the whole. */
function arrange({ items, edges, labels }: IBlock): { width: number; height: number } {
  const depth = depths(
    items.map(item => item.id),
    edges
  );
  const layers: IItem[][] = [];
  for (const item of items) {
    if (item.block) {
      const inner = arrange(item.block);
      item.width = inner.width + 2 * BOX_PADDING.side;
      item.height = inner.height + BOX_PADDING.top + BOX_PADDING.side;
    }
    (layers[depth.get(item.id) ?? 0] ??= []).push(item);
  }
  const columns = layers.filter(layer => layer.length > 0);
  const heightOf = (layer: IItem[]): number =>
    layer.reduce((sum, item) => sum + item.height + GAP_ACROSS, -GAP_ACROSS);
  const height = Math.max(0, ...columns.map(heightOf));
  let x = 0;
  for (const layer of columns) {
    let y = (height - heightOf(layer)) / 2;
    x += Math.max(0, ...layer.map(item => labels.get(item.id) ?? 0));
    for (const item of layer) {
      item.x = x;
      item.y = y;
      y += item.height + GAP_ACROSS;
    }
    x += Math.max(...layer.map(item => item.width)) + GAP_ALONG;
  }
  return { width: x - GAP_ALONG, height };
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

/**
 * The nearest node in the direction of an arrow key; null when there is none. The head of an open
 * group lies above what is in it.
 */
export function neighbour(from: string, key: string, layout: ILayout): string | null {
  const start = layout.nodes.get(from) ?? layout.boxes.get(from);
  const along = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    key
  ];
  if (!start || !along) {
    return null;
  }
  const [dx = 0, dy = 0] = along;
  let best: string | null = null;
  let shortest = Infinity;
  const isAlong = dx !== 0 && layout.nodes.has(from);
  for (const [id, point] of isAlong ? layout.nodes : [...layout.nodes, ...layout.boxes]) {
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
