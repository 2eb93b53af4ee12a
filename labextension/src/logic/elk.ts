import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api';

import { type ILayout, type IPoint, layeredLayout } from './graphLayout';
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
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.spacing.nodeNode': '14',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES'
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

function toElk({ nodes, edges }: ITaskGraph, isVertical: boolean): ElkNode {
  return {
    id: 'root',
    layoutOptions: { ...OPTIONS, 'elk.direction': isVertical ? 'DOWN' : 'RIGHT' },
    children: nodes.map(({ id, width }) => ({ id, width, height: NODE_HEIGHT })),
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
  return {
    nodes: new Map((root.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x, y }])),
    labels
  };
}

function withLimit<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the layout took too long')), PATIENCE_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
