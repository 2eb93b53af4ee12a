import { ReactWidget } from '@jupyterlab/ui-components';
import { lazy, Suspense } from 'react';

import { Skeleton } from '../components/common/Screens';
import { TransContext } from '../components/common/trans';
import type { DagFileModel } from '../model/dagFile';
import type { ITrans } from '../tokens';
import { workflowIcon } from './icons';

const FilePanel = lazy(async () => ({ default: (await import('./filePanel')).FilePanel }));

interface IFileWidgetOptions {
  file: DagFileModel;
  trans: ITrans;
  onOpenDag: (dagId: string) => void;
}

/** A DAG file in the main area of JupyterLab. */
export class FileWidget extends ReactWidget {
  constructor(private readonly options: IFileWidgetOptions) {
    super();
    const { file, trans } = options;
    this.file = file;
    this.title.label = file.path.split('/').pop() ?? file.path;
    this.title.icon = workflowIcon;
    this.title.caption = trans.__('DAG file %1', file.path);
    void file.load();
  }

  readonly file: DagFileModel;

  override dispose(): void {
    this.file.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    const { file, trans, onOpenDag } = this.options;
    return (
      <TransContext.Provider value={trans}>
        <div className="jp-hubflow-Root">
          <Suspense fallback={<Skeleton lines={12} />}>
            <FilePanel file={file} onOpenDag={onOpenDag} />
          </Suspense>
        </div>
      </TransContext.Provider>
    );
  }
}
