import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { dagsPlugin } from './plugins/dags';
import { notebooksPlugin } from './plugins/notebooks';
import { sessionPlugin } from './plugins/session';
import { statusPlugin } from './plugins/status';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  sessionPlugin,
  dagsPlugin,
  notebooksPlugin,
  statusPlugin
];

export default plugins;
