import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';

import { TransContext } from '../components/common/trans';
import type { Session } from '../model/session';
import { StatusPanel } from '../panels/statusPanel';
import { CommandIDs, PluginIDs } from '../tokens';
import { ISession } from './session';

/** How many tasks run now, in the status bar. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.status,
  description: 'Shows in the status bar how many tasks run.',
  autoStart: true,
  requires: [ISession, IStatusBar],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    session: Session,
    statusBar: IStatusBar,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('hubflow');
    const item = ReactWidget.create(
      <TransContext.Provider value={trans}>
        <StatusPanel
          session={session}
          onClick={() => void app.commands.execute(CommandIDs.focusList)}
        />
      </TransContext.Provider>
    );
    statusBar.registerStatusItem(PluginIDs.status, { item, align: 'left', rank: 90 });
  }
};
