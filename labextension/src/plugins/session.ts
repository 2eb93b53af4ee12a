import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Token } from '@lumino/coreutils';

import { labConnection } from '../api/labConnection';
import { Session } from '../model/session';
import { PluginIDs } from '../tokens';

export const ISession = new Token<Session>(
  '@hubflow/lab:ISession',
  'The connection to hubflow that all its views share.'
);

/** One connection and one event stream for the whole page. */
export const sessionPlugin: JupyterFrontEndPlugin<Session> = {
  id: PluginIDs.session,
  description: 'Connects JupyterLab to hubflow.',
  autoStart: true,
  provides: ISession,
  activate: (app: JupyterFrontEnd) => {
    const session = new Session(labConnection(app.serviceManager.serverSettings));
    void app.restored.then(() => session.start());
    return session;
  }
};
