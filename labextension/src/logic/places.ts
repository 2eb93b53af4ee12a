import { COMMON_WORKSPACE } from '../tokens';

export type DagTab = 'grid' | 'graph' | 'code';
export const DAG_TABS: DagTab[] = ['grid', 'graph', 'code'];

/** Where somebody is within a DAG's page. */
export interface IDagPlace {
  tab: DagTab;
  runId: string | null;
  taskId: string | null;
  tryNumber: number | null;
}

export const START: IDagPlace = { tab: 'grid', runId: null, taskId: null, tryNumber: null };

/** Address on the hub's page, as the fragment: "#/dags/sales/graph?run=…&task=…". */
export function formatHash(dagId: string | null, place: IDagPlace): string {
  if (dagId === null) {
    return '#/';
  }
  const query = new URLSearchParams();
  if (place.runId) {
    query.set('run', place.runId);
  }
  if (place.taskId) {
    query.set('task', place.taskId);
  }
  if (place.tryNumber) {
    query.set('try', String(place.tryNumber));
  }
  const search = query.toString();
  return `#/dags/${encodeURIComponent(dagId)}/${place.tab}${search ? `?${search}` : ''}`;
}

/** The reverse of formatHash; anything unknown is the start. */
export function parseHash(hash: string): { dagId: string | null; place: IDagPlace } {
  const match = /^#\/dags\/([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(hash);
  const dagId = match?.[1] ? decode(match[1]) : null;
  if (!match || dagId === null) {
    return { dagId: null, place: START };
  }
  const query = new URLSearchParams(match[3] ?? '');
  const tryNumber = Number(query.get('try'));
  return {
    dagId,
    place: {
      tab: DAG_TABS.find(tab => tab === match[2]) ?? 'grid',
      runId: query.get('run'),
      taskId: query.get('task'),
      tryNumber: tryNumber > 0 ? tryNumber : null
    }
  };
}

/** Whether a path in a user's files lies in the folder that scheduled runs can read. */
export function isInWorkspace(path: string): boolean {
  return path.startsWith(`${COMMON_WORKSPACE}/`);
}

export function isNotebook(path: string): boolean {
  return path.toLowerCase().endsWith('.ipynb');
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
