/** Names that more than one layer needs. Imports nothing of ours. */

/** The part of JupyterLab's TranslationBundle that hubflow uses; the hub page has its own. */
export interface ITrans {
  __(msgid: string, ...args: (string | number)[]): string;
  _n(msgid: string, plural: string, n: number, ...args: (string | number)[]): string;
}

export const PluginIDs = {
  session: '@hubflow/lab:session',
  dags: '@hubflow/lab:dags',
  notebooks: '@hubflow/lab:notebooks',
  status: '@hubflow/lab:status'
} as const;

export const CommandIDs = {
  focusList: 'hubflow:focus-list',
  openDag: 'hubflow:open-dag',
  openFile: 'hubflow:open-file',
  openAddress: 'hubflow:open-address',
  copyLink: 'hubflow:copy-link',
  triggerRun: 'hubflow:trigger-run',
  togglePaused: 'hubflow:toggle-paused',
  scheduleNotebook: 'hubflow:schedule-notebook',
  scheduleFile: 'hubflow:schedule-file'
} as const;

/** What may be done, as the server names it. The server decides; views only ask. */
export const Permission = {
  editDags: 'dags.edit',
  trigger: 'runs.trigger',
  editRuns: 'runs.edit',
  editAlerts: 'alerts.edit',
  scheduleNotebooks: 'notebooks.schedule'
} as const;

/** The folder that notebooks must lie in to be scheduled, as it appears in every user's files. */
export const COMMON_WORKSPACE = 'common_workspace';
