import { ReactWidget } from '@jupyterlab/ui-components';
import { lazy, Suspense } from 'react';

import { Skeleton } from '../components/common/Screens';
import { TransContext } from '../components/common/trans';
import type { DagModel } from '../model/dag';
import type { ITrans } from '../tokens';
import { workflowIcon } from './icons';
import type { OpenDag } from './dagActions';
import type { OpenNotebook } from './taskPane';

/** Most sessions of JupyterLab never open it. */
const DagPanel = lazy(async () => ({ default: (await import('./dagPanel')).DagPanel }));

interface IDagWidgetOptions {
  dag: DagModel;
  trans: ITrans;
  onOpenNotebook: OpenNotebook;
  onOpenDag: OpenDag;
  onFilterDags: () => void;
  onCopyLink: () => void;
}

/** The page of one DAG in the main area of JupyterLab. */
export class DagWidget extends ReactWidget {
  constructor(private readonly options: IDagWidgetOptions) {
    super();
    const { dag, trans } = options;
    this.dag = dag;
    this.title.label = dag.name;
    this.title.icon = workflowIcon;
    this.title.caption = trans.__('Workflow %1', dag.dagId);
    dag.row.changed.connect(() => {
      this.title.label = dag.name;
    });
    void dag.load();
  }

  readonly dag: DagModel;

  /** Open the dialog that starts a run. */
  askTrigger(): void {
    this.asksTrigger = true;
    this.update();
  }

  override dispose(): void {
    this.dag.dispose();
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.dag.followAgain();
  }

  protected override render(): JSX.Element {
    const { dag, trans, onOpenNotebook, onOpenDag, onFilterDags, onCopyLink } = this.options;
    return (
      <TransContext.Provider value={trans}>
        <div className="jp-hubflow-Root">
          <Suspense fallback={<Skeleton lines={12} />}>
            <DagPanel
              dag={dag}
              onOpenNotebook={onOpenNotebook}
              onOpenDag={onOpenDag}
              onFilterDags={onFilterDags}
              menu={[{ label: trans.__('Copy a link to this page'), onSelect: onCopyLink }]}
              asksTrigger={this.asksTrigger}
              onTriggerAsked={() => {
                this.asksTrigger = false;
                this.update();
              }}
            />
          </Suspense>
        </div>
      </TransContext.Provider>
    );
  }

  private asksTrigger = false;
}
