import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { DAG_TABS, type IDagPlace, START } from '../logic/places';
import { DagModel } from '../model/dag';
import type { Session } from '../model/session';
import { DagListWidget } from '../panels/dagListWidget';
import { placeOf } from '../panels/dagListPanel';
import { DagWidget } from '../panels/dagWidget';
import { workflowIcon } from '../panels/icons';
import { CommandIDs, type ITrans, PluginIDs } from '../tokens';
import { openExecuted } from './openExecuted';
import { ISession } from './session';

type Page = MainAreaWidget<DagWidget>;

/** The list of DAGs at the left, and their pages in the main area. */
export const dagsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.dags,
  description: 'The list of workflows, and a page for each.',
  autoStart: true,
  requires: [ISession, IDocumentManager],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    session: Session,
    documents: IDocumentManager,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ) => {
    const trans = (translator ?? nullTranslator).load('hubflow');
    const pages = new WidgetTracker<Page>({ namespace: 'hubflow-dags' });
    const list = addList(app, session, trans);
    pages.currentChanged.connect((_, page) => {
      list.currentId = page?.content.dag.dagId ?? null;
    });
    addOpen(app, session, documents, trans, pages);
    addCommands(app, trans, pages, list);
    if (restorer) {
      restorer.add(list, 'hubflow-dags');
      void restorer.restore(pages, {
        command: CommandIDs.openDag,
        args: page => ({ dagId: page.content.dag.dagId, ...page.content.dag.place }),
        name: page => page.content.dag.dagId
      });
    }
    const category = trans.__('Workflows');
    for (const command of [CommandIDs.focusList, CommandIDs.triggerRun, CommandIDs.togglePaused]) {
      palette?.addItem({ command, category });
    }
    launcher?.add({ command: CommandIDs.focusList, category: trans.__('Other'), rank: 10 });
  }
};

function addList(app: JupyterFrontEnd, session: Session, trans: ITrans): DagListWidget {
  const list = new DagListWidget({
    session,
    trans,
    newItems: () => [
      {
        label: trans.__('Schedule the open notebook …'),
        disabledReason: app.commands.isEnabled(CommandIDs.scheduleNotebook)
          ? null
          : trans.__('Open a notebook first, or right-click one in the file browser.'),
        onSelect: () => void app.commands.execute(CommandIDs.scheduleNotebook)
      }
    ],
    onOpen: (dagId, item) =>
      void app.commands.execute(CommandIDs.openDag, { dagId, ...(item && placeOf(item)) })
  });
  app.shell.add(list, 'left', { rank: 250 });
  app.shell.currentChanged?.connect(() => list.update());
  return list;
}

/** `hubflow:open-dag` opens the page of a DAG, or brings it to the front. */
function addOpen(
  app: JupyterFrontEnd,
  session: Session,
  documents: IDocumentManager,
  trans: ITrans,
  pages: WidgetTracker<Page>
): void {
  const create = (dagId: string, place: IDagPlace): Page => {
    const dag = new DagModel(session, dagId, place);
    const content = new DagWidget({
      dag,
      trans,
      onOpenNotebook: (key, failedCell) =>
        void openExecuted(app, documents, session, trans, key, failedCell),
      onFilterDags: () => void app.commands.execute(CommandIDs.focusList)
    });
    const page = new MainAreaWidget({ content });
    page.toolbar.hide(); // there is nothing in it, and it would be drawn as an empty strip
    page.id = `hubflow-dag-${dagId}`;
    dag.placeChanged.connect(() => void pages.save(page));
    return page;
  };
  app.commands.addCommand(CommandIDs.openDag, {
    label: args => trans.__('Open workflow %1', textOf(args, 'dagId') ?? ''),
    execute: args => {
      const dagId = textOf(args, 'dagId');
      if (dagId === null) {
        return;
      }
      session.start();
      let page = pages.find(known => known.content.dag.dagId === dagId);
      if (!page) {
        page = create(dagId, placeFrom(args));
        void pages.add(page);
        app.shell.add(page, 'main');
      }
      const shownRun = textOf(args, 'shownRun');
      if (shownRun !== null) {
        page.content.dag.showRun(shownRun);
      } else if ('tab' in args || 'runId' in args) {
        page.content.dag.go(placeFrom(args));
      }
      app.shell.activateById(page.id);
    }
  });
}

function addCommands(
  app: JupyterFrontEnd,
  trans: ITrans,
  pages: WidgetTracker<Page>,
  list: DagListWidget
): void {
  const current = (): DagWidget | null => {
    const page = pages.currentWidget;
    return page && page === app.shell.currentWidget ? page.content : null;
  };
  app.commands.addCommand(CommandIDs.focusList, {
    label: trans.__('Workflows'),
    caption: trans.__('Show the list of workflows'),
    icon: workflowIcon,
    execute: () => app.shell.activateById(list.id)
  });
  app.commands.addCommand(CommandIDs.triggerRun, {
    label: trans.__('Trigger the Open Workflow …'),
    isEnabled: () => current() !== null,
    execute: () => current()?.askTrigger()
  });
  app.commands.addCommand(CommandIDs.togglePaused, {
    label: trans.__('Switch the Open Workflow On or Off'),
    isEnabled: () => current() !== null,
    execute: async () => {
      const dag = current()?.dag;
      if (dag?.row.value) {
        await dag.setPaused(!dag.row.value.is_paused);
      }
    }
  });
}

function placeFrom(args: ReadonlyPartialJSONObject): IDagPlace {
  const tryNumber = args.tryNumber;
  return {
    tab: DAG_TABS.find(tab => tab === args.tab) ?? START.tab,
    runId: textOf(args, 'runId'),
    taskId: textOf(args, 'taskId'),
    tryNumber: typeof tryNumber === 'number' ? tryNumber : null
  };
}

function textOf(args: ReadonlyPartialJSONObject, name: string): string | null {
  const value = args[name];
  return typeof value === 'string' ? value : null;
}
