import {
  ILayoutRestorer,
  IRouter,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import {
  DAG_TABS,
  type IAddress,
  type IDagPlace,
  NOWHERE,
  START,
  TASK_VIEWS
} from '../logic/places';
import { DagModel } from '../model/dag';
import { DagFileModel } from '../model/dagFile';
import type { Session } from '../model/session';
import { DagListWidget } from '../panels/dagListWidget';
import { DagWidget } from '../panels/dagWidget';
import { FileWidget } from '../panels/fileWidget';
import { workflowIcon } from '../panels/icons';
import { CommandIDs, type ITrans, PluginIDs } from '../tokens';
import { AddressBar, linkFor } from './address';
import { openExecuted } from './openExecuted';
import { ISession } from './session';

type Page = MainAreaWidget<DagWidget>;
type FilePage = MainAreaWidget<FileWidget>;

/** The list of DAGs at the left, and their pages in the main area. */
export const dagsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.dags,
  description: 'The list of workflows, and a page for each.',
  autoStart: true,
  requires: [ISession, IDocumentManager],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette, ILauncher, IRouter],
  activate: (
    app: JupyterFrontEnd,
    session: Session,
    documents: IDocumentManager,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    router: IRouter | null
  ) => {
    const trans = (translator ?? nullTranslator).load('hubflow');
    const pages = new WidgetTracker<Page>({ namespace: 'hubflow-dags' });
    const files = new WidgetTracker<FilePage>({ namespace: 'hubflow-files' });
    const list = addList(app, session, trans);
    pages.currentChanged.connect((_, page) => {
      list.currentId = page?.content.dag.dagId ?? null;
    });
    const bar = router && new AddressBar(app, router, address => openAddress(app, address));
    addOpen(app, session, documents, trans, pages, bar);
    addOpenFile(app, session, trans, files);
    addCommands(app, session, trans, pages, list);
    app.shell.currentChanged?.connect((_, { newValue }) => {
      bar?.turnTo(addressOf(newValue, pages, files));
    });
    if (restorer) {
      restorer.add(list, 'hubflow-dags');
      void restorer.restore(pages, {
        command: CommandIDs.openDag,
        args: page => ({ dagId: page.content.dag.dagId, ...page.content.dag.place }),
        name: page => page.content.dag.dagId
      });
      void restorer.restore(files, {
        command: CommandIDs.openFile,
        args: page => ({ path: page.content.file.path }),
        name: page => page.content.file.path
      });
    }
    const category = trans.__('Workflows');
    for (const command of [
      CommandIDs.focusList,
      CommandIDs.triggerRun,
      CommandIDs.togglePaused,
      CommandIDs.copyLink
    ]) {
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
    onOpen: address => openAddress(app, address)
  });
  app.shell.add(list, 'left', { rank: 250 });
  app.shell.currentChanged?.connect(() => list.update());
  return list;
}

function openAddress(app: JupyterFrontEnd, { dagId, filePath, place }: IAddress): void {
  if (filePath !== null) {
    void app.commands.execute(CommandIDs.openFile, { path: filePath });
  } else if (dagId !== null) {
    void app.commands.execute(CommandIDs.openDag, { dagId, ...place });
  } else {
    void app.commands.execute(CommandIDs.focusList);
  }
}

/** What the page in front is called in the address; null if it is not ours. */
function addressOf(
  page: Widget | null,
  pages: WidgetTracker<Page>,
  files: WidgetTracker<FilePage>
): IAddress | null {
  const dag = pages.find(known => known === page)?.content.dag;
  const file = files.find(known => known === page)?.content.file;
  if (dag) {
    return { ...NOWHERE, dagId: dag.dagId, place: dag.place };
  }
  return file ? { ...NOWHERE, filePath: file.path } : null;
}

/** `hubflow:open-file` opens a DAG file with its error, or brings it to the front. */
function addOpenFile(
  app: JupyterFrontEnd,
  session: Session,
  trans: ITrans,
  files: WidgetTracker<FilePage>
): void {
  app.commands.addCommand(CommandIDs.openFile, {
    label: args => trans.__('Open DAG file %1', textOf(args, 'path') ?? ''),
    execute: args => {
      const path = textOf(args, 'path');
      if (path === null) {
        return;
      }
      session.start();
      let page = files.find(known => known.content.file.path === path);
      if (!page) {
        const file = new DagFileModel(session, path);
        const onOpenDag = (dagId: string): void => openAddress(app, { ...NOWHERE, dagId });
        page = new MainAreaWidget({ content: new FileWidget({ file, trans, onOpenDag }) });
        page.toolbar.hide();
        page.id = `hubflow-file-${path}`;
        void files.add(page);
        app.shell.add(page, 'main');
      }
      app.shell.activateById(page.id);
    }
  });
}

/** `hubflow:open-dag` opens the page of a DAG, or brings it to the front. */
function addOpen(
  app: JupyterFrontEnd,
  session: Session,
  documents: IDocumentManager,
  trans: ITrans,
  pages: WidgetTracker<Page>,
  bar: AddressBar | null
): void {
  const create = (dagId: string, place: IDagPlace): Page => {
    const dag = new DagModel(session, dagId, place);
    const content = new DagWidget({
      dag,
      trans,
      onOpenNotebook: (key, failedCell) =>
        void openExecuted(app, documents, session, trans, key, failedCell),
      onOpenDag: (id, at) =>
        openAddress(app, { ...NOWHERE, dagId: id, place: { ...START, ...at } }),
      onFilterDags: () => void app.commands.execute(CommandIDs.focusList),
      onCopyLink: () => void app.commands.execute(CommandIDs.copyLink)
    });
    const page = new MainAreaWidget({ content });
    page.toolbar.hide(); // there is nothing in it, and it would be drawn as an empty strip
    page.id = `hubflow-dag-${dagId}`;
    dag.placeChanged.connect((_, place) => {
      void pages.save(page);
      if (app.shell.currentWidget === page) {
        bar?.goTo({ ...NOWHERE, dagId, place });
      }
    });
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
  session: Session,
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
  app.commands.addCommand(CommandIDs.copyLink, {
    label: trans.__('Copy a Link to the Open Workflow'),
    isEnabled: () => current() !== null,
    execute: async () => {
      const dag = current()?.dag;
      if (dag) {
        const address = { ...NOWHERE, dagId: dag.dagId, place: dag.place };
        const { baseUrl } = app.serviceManager.serverSettings;
        const hubPrefix = session.me.value?.hub_prefix ?? null;
        await navigator.clipboard.writeText(linkFor(address, baseUrl, hubPrefix));
      }
    }
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
  return {
    tab: DAG_TABS.find(tab => tab === args.tab) ?? START.tab,
    runId: textOf(args, 'runId'),
    taskId: textOf(args, 'taskId'),
    mapIndex: numberOf(args, 'mapIndex'),
    tryNumber: numberOf(args, 'tryNumber'),
    view: TASK_VIEWS.find(view => view === args.view) ?? START.view,
    version: numberOf(args, 'version'),
    comparedWith: numberOf(args, 'comparedWith')
  };
}

function textOf(args: ReadonlyPartialJSONObject, name: string): string | null {
  const value = args[name];
  return typeof value === 'string' ? value : null;
}

function numberOf(args: ReadonlyPartialJSONObject, name: string): number | null {
  const value = args[name];
  return typeof value === 'number' ? value : null;
}
