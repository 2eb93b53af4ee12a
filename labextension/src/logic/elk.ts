import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api';

import { BOX_PADDING, type IBox, type ILayout, type IPoint, layeredLayout } from './graphLayout';
import {
  type IGraphEdge,
  type ITaskGraph,
  LABEL_HEIGHT,
  labelWidth,
  NODE_HEIGHT
} from './taskGraph';

const PATIENCE_MS = 5000;
const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.spacing.nodeNode': '14',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES'
};

const ACROSS_GROUPS = { 'elk.hierarchyHandling': 'INCLUDE_CHILDREN' };
const WITHIN = {
  'elk.padding': `[top=${BOX_PADDING.top},left=${BOX_PADDING.side},bottom=${BOX_PADDING.side},right=${BOX_PADDING.side}]`
};

/**
 * Place tasks with few crossings, in a worker that is loaded at the first call. Where workers are
 * not allowed, or when it takes too long, the plain layered layout is the answer.
 */
export async function carefulLayout(graph: ITaskGraph, isVertical: boolean): Promise<ILayout> {
  try {
    const elk = await (engine ??= startEngine());
    return positions(await withLimit(elk.layout(toElk(graph, isVertical))));
  } catch {
    return layeredLayout(graph);
  }
}

let engine: Promise<ELK> | null = null;

async function startEngine(): Promise<ELK> {
  const { default: Elk } = await import('elkjs/lib/elk-api.js');
  return new Elk({
    workerFactory: () =>
      new Worker(new URL('elkjs/lib/elk-worker.min.js', import.meta.url), { name: 'hubflow-elk' })
  });
}

function toElk({ nodes, boxes, edges }: ITaskGraph, isVertical: boolean): ElkNode {
  const direction = { 'elk.direction': isVertical ? 'DOWN' : 'RIGHT' };
  const children: ElkNode[] = [];
  const inside = new Map<string | null, ElkNode[]>([[null, children]]);
  for (const { id, parentId } of boxes) {
    const within: ElkNode[] = [];
    inside.set(id, within);
    inside.get(parentId)?.push({ id, layoutOptions: WITHIN, children: within });
  }
  for (const { id, width, boxId } of nodes) {
    inside.get(boxId)?.push({ id, width, height: NODE_HEIGHT });
  }
  return {
    id: 'root',
    layoutOptions: { ...OPTIONS, ...direction, ...(boxes.length ? ACROSS_GROUPS : {}) },
    children,
    edges: edges.map(elkEdge)
  };
}

function elkEdge({ id, source, target, label }: IGraphEdge): ElkExtendedEdge {
  return {
    id,
    sources: [source],
    targets: [target],
    labels:
      label === null
        ? []
        : [
            {
              text: label,
              width: labelWidth(label),
              height: LABEL_HEIGHT,
              layoutOptions: { 'elk.edgeLabels.inline': 'true' }
            }
          ]
  };
}

function positions(root: ElkNode): ILayout {
  const labels = new Map<string, IPoint>();
  for (const { id, labels: [label] = [] } of root.edges ?? []) {
    if (label) {
      const { x = 0, y = 0, width = 0, height = 0 } = label;
      labels.set(id, { x: x + width / 2, y: y + height / 2 });
    }
  }
  const nodes = new Map<string, IPoint>();
  const boxes = new Map<string, IBox>();
  const visit = ({ id, x = 0, y = 0, width = 0, height = 0, children }: ElkNode): void => {
    if (children) {
      boxes.set(id, { x, y, width, height });
      children.forEach(visit);
    } else {
      nodes.set(id, { x, y });
    }
  };
  root.children?.forEach(visit);
  return { nodes, boxes, labels };
}

function withLimit<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the layout took too long')), PATIENCE_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
