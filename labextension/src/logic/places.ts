import { COMMON_WORKSPACE } from '../tokens';

export type DagTab = 'grid' | 'graph' | 'runs' | 'code' | 'details';
export const DAG_TABS: DagTab[] = ['grid', 'graph', 'runs', 'code', 'details'];

/** What of a task instance is shown at the side. */
export type TaskView = 'log' | 'notebook' | 'rendered' | 'xcom' | 'timeline' | 'details';
export const TASK_VIEWS: TaskView[] = [
  'log',
  'notebook',
  'rendered',
  'xcom',
  'timeline',
  'details'
];

/** Where somebody is within a DAG's page. */
export interface IDagPlace {
  tab: DagTab;
  runId: string | null;
  taskId: string | null;
  /** Which instance of a mapped task; null is the one that needs a look first. */
  mapIndex: number | null;
  tryNumber: number | null;
  view: TaskView;
  /** Which version the code is of; null is that of the selected run, else the newest. */
  version: number | null;
  /** The version that the code is compared with. */
  comparedWith: number | null;
}

export const START: IDagPlace = {
  tab: 'grid',
  runId: null,
  taskId: null,
  mapIndex: null,
  tryNumber: null,
  view: 'log',
  version: null,
  comparedWith: null
};

/** A page of hubflow: a DAG, a DAG file that may be broken, or the list alone. */
export interface IAddress {
  dagId: string | null;
  filePath: string | null;
  place: IDagPlace;
}

export const NOWHERE: IAddress = { dagId: null, filePath: null, place: START };

/** An address as text: "/dags/sales/graph?run=…&task=…", "/files/reports%2Fbroken.py" or "/". */
export function formatAddress({ dagId, filePath, place }: IAddress): string {
  if (filePath !== null) {
    return `/files/${encodeURIComponent(filePath)}`;
  }
  if (dagId === null) {
    return '/';
  }
  const query = new URLSearchParams();
  if (place.runId) {
    query.set('run', place.runId);
  }
  if (place.taskId) {
    query.set('task', place.taskId);
  }
  if (place.mapIndex !== null) {
    query.set('map', String(place.mapIndex));
  }
  if (place.tryNumber) {
    query.set('try', String(place.tryNumber));
  }
  if (place.view !== START.view) {
    query.set('view', place.view);
  }
  if (place.version !== null) {
    query.set('version', String(place.version));
  }
  if (place.comparedWith !== null) {
    query.set('with', String(place.comparedWith));
  }
  const search = query.toString();
  return `/dags/${encodeURIComponent(dagId)}/${place.tab}${search ? `?${search}` : ''}`;
}

/** The reverse of formatAddress; anything unknown is the start. */
export function parseAddress(text: string): IAddress {
  const file = /^\/files\/([^/?]+)$/.exec(text)?.[1];
  if (file) {
    return { ...NOWHERE, filePath: decode(file) };
  }
  const match = /^\/dags\/([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text);
  const dagId = match?.[1] ? decode(match[1]) : null;
  if (!match || dagId === null) {
    return NOWHERE;
  }
  const query = new URLSearchParams(match[3] ?? '');
  const tryNumber = Number(query.get('try'));
  return {
    dagId,
    filePath: null,
    place: {
      tab: DAG_TABS.find(tab => tab === match[2]) ?? START.tab,
      runId: query.get('run'),
      taskId: query.get('task'),
      mapIndex: wholeNumber(query.get('map')),
      tryNumber: tryNumber > 0 ? tryNumber : null,
      view: TASK_VIEWS.find(view => view === query.get('view')) ?? START.view,
      version: wholeNumber(query.get('version')),
      comparedWith: wholeNumber(query.get('with'))
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

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
