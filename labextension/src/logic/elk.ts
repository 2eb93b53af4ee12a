import type { ELK, ElkNode } from 'elkjs/lib/elk-api';

import type { IStructureTask } from '../api/types';
import { edgesOf, type Layout, layeredLayout, NODE_HEIGHT, nodeWidths } from './graphLayout';

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
export async function carefulLayout(tasks: IStructureTask[], isVertical: boolean): Promise<Layout> {
  try {
    const elk = await (engine ??= startEngine());
    return positions(await withLimit(elk.layout(toElk(tasks, isVertical))));
  } catch {
    return layeredLayout(tasks);
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

function toElk(tasks: IStructureTask[], isVertical: boolean): ElkNode {
  const widths = nodeWidths(tasks);
  return {
    id: 'root',
    layoutOptions: { ...OPTIONS, 'elk.direction': isVertical ? 'DOWN' : 'RIGHT' },
    children: tasks.map(task => ({
      id: task.task_id,
      width: widths.get(task.task_id) ?? 0,
      height: NODE_HEIGHT
    })),
    edges: edgesOf(tasks).map(edge => ({
      id: edge.id,
      sources: [edge.source],
      targets: [edge.target]
    }))
  };
}

function positions(root: ElkNode): Layout {
  return new Map((root.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x, y }]));
}

function withLimit<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the layout took too long')), PATIENCE_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
