import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { runsAlike } from '../logic/notebookText';
import { isNotebook } from '../logic/places';
import { type INotebookHost, ScheduleNotebookModel } from '../model/scheduleNotebook';
import type { Session } from '../model/session';
import { showOverLab } from '../panels/dialogHost';
import { scheduleIcon } from '../panels/icons';
import { ScheduleNotebookPanel } from '../panels/scheduleNotebookPanel';
import { COMMON_WORKSPACE, CommandIDs, type ITrans, PluginIDs } from '../tokens';
import { ISession } from './session';

/** Schedule a notebook: from its toolbar, the file browser and the command palette. */
export const notebooksPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.notebooks,
  description: 'Schedules notebooks.',
  autoStart: true,
  requires: [ISession, IDocumentManager],
  optional: [ITranslator, IFileBrowserFactory, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    session: Session,
    documents: IDocumentManager,
    translator: ITranslator | null,
    browsers: IFileBrowserFactory | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('hubflow');
    const openPath = (): string | null => {
      const widget = app.shell.currentWidget;
      const path = widget && documents.contextForWidget(widget)?.path;
      return path && isNotebook(path) ? path : null;
    };
    const chosenPath = (): string | null => {
      const item = browsers?.tracker.currentWidget?.selectedItems().next();
      return item && !item.done && isNotebook(item.value.path) ? item.value.path : null;
    };
    const schedule = (path: string | null): void => {
      if (path !== null) {
        const local = app.serviceManager.contents.localPath(path);
        openDialog(app, session, trans, new NotebookHost(app, documents), local);
      }
    };
    app.commands.addCommand(CommandIDs.scheduleNotebook, {
      label: trans.__('Schedule Notebook …'),
      caption: trans.__('Run this notebook now, later, or on a schedule'),
      icon: scheduleIcon,
      isEnabled: () => openPath() !== null,
      execute: () => schedule(openPath())
    });
    app.commands.addCommand(CommandIDs.scheduleFile, {
      label: trans.__('Schedule Notebook …'),
      icon: scheduleIcon,
      isEnabled: () => chosenPath() !== null,
      execute: () => schedule(chosenPath())
    });
    palette?.addItem({ command: CommandIDs.scheduleNotebook, category: trans.__('Workflows') });
  }
};

/** Open notebooks and files of this JupyterLab. */
class NotebookHost implements INotebookHost {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly documents: IDocumentManager
  ) {}

  async hasUnsavedChanges(path: string): Promise<boolean> {
    const model = this.documents.findWidget(path)?.context.model;
    if (!model?.dirty) {
      return false;
    }
    try {
      const saved = await this.app.serviceManager.contents.get(path, {
        type: 'notebook',
        content: true
      });
      return !runsAlike(saved.content, model.toJSON());
    } catch {
      return true; // the person decides what is to be run
    }
  }

  async save(path: string): Promise<void> {
    await this.documents.findWidget(path)?.context.save();
  }

  async copyIntoWorkspace(path: string): Promise<string> {
    const copy = await this.app.serviceManager.contents.copy(path, COMMON_WORKSPACE);
    this.documents.openOrReveal(copy.path);
    return copy.path;
  }
}

function openDialog(
  app: JupyterFrontEnd,
  session: Session,
  trans: ITrans,
  host: INotebookHost,
  path: string
): void {
  session.start();
  const model = new ScheduleNotebookModel(session, host, trans, path);
  showOverLab(trans, close => (
    <ScheduleNotebookPanel
      session={session}
      model={model}
      onClose={scheduled => {
        close();
        model.dispose();
        if (scheduled) {
          void app.commands.execute(CommandIDs.openDag, {
            dagId: scheduled.dag_id,
            shownRun: scheduled.run_id
          });
        }
      }}
    />
  ));
}
