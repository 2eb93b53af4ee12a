import type { JupyterFrontEnd } from '@jupyterlab/application';
import { showErrorMessage } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { Contents } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';

import { getOutput } from '../api/notebooks';
import type { ITryKey } from '../api/taskLogs';
import { failedCellIndex, resultPath } from '../logic/results';
import { asError } from '../model/resource';
import type { Session } from '../model/session';
import type { ITrans } from '../tokens';

/** The part of a notebook's widget that is needed to go to a cell. */
interface INotebookContent extends Widget {
  activeCellIndex: number;
  scrollToItem?(index: number): Promise<void>;
}

/** Copy an executed notebook into the user's files and open the copy where it failed. */
export async function openExecuted(
  app: JupyterFrontEnd,
  documents: IDocumentManager,
  session: Session,
  trans: ITrans,
  key: ITryKey,
  failedCell: number | null
): Promise<void> {
  try {
    const notebook = await getOutput(session.connection, key);
    const path = resultPath(key);
    await saveNotebook(app.serviceManager.contents, path, notebook);
    const widget = documents.openOrReveal(path);
    await widget?.context.ready;
    const index = failedCellIndex(notebook);
    if (widget && failedCell !== null && index !== null) {
      const content = widget.content as INotebookContent;
      content.activeCellIndex = index;
      await content.scrollToItem?.(index);
    }
  } catch (reason) {
    const title = trans.__('The executed notebook could not be opened');
    await showErrorMessage(title, asError(reason).message);
  }
}

async function saveNotebook(
  contents: Contents.IManager,
  path: string,
  notebook: unknown
): Promise<void> {
  const folders = path.split('/').slice(0, -1);
  for (let depth = 1; depth <= folders.length; depth += 1) {
    await contents.save(folders.slice(0, depth).join('/'), { type: 'directory' });
  }
  await contents.save(path, { type: 'notebook', format: 'json', content: notebook });
}
