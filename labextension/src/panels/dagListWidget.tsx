import { ReactWidget } from '@jupyterlab/ui-components';

import type { IMenuItem } from '../components/common/MenuPopup';
import { TransContext } from '../components/common/trans';
import type { IAddress } from '../logic/places';
import { AttentionModel } from '../model/attention';
import { DagListModel } from '../model/dags';
import type { Session } from '../model/session';
import type { ITrans } from '../tokens';
import { DagListPanel } from './dagListPanel';
import { workflowIcon } from './icons';

interface IDagListWidgetOptions {
  session: Session;
  trans: ITrans;
  newItems: () => IMenuItem[];
  onOpen: (address: IAddress) => void;
}

/** The sidebar of JupyterLab. It loads when it is shown for the first time. */
export class DagListWidget extends ReactWidget {
  constructor(private readonly options: IDagListWidgetOptions) {
    super();
    this.id = 'hubflow-dags';
    this.title.icon = workflowIcon;
    this.title.caption = options.trans.__('Workflows');
    this.addClass('jp-hubflow-Sidebar');
    this.dags = new DagListModel(options.session);
    this.attention = new AttentionModel(options.session);
  }

  /** The DAG whose page is in front. */
  set currentId(dagId: string | null) {
    this._currentId = dagId;
    this.update();
  }

  override dispose(): void {
    this.dags.dispose();
    this.attention.dispose();
    super.dispose();
  }

  protected override onAfterShow(): void {
    if (!this.isLoaded) {
      this.isLoaded = true;
      this.options.session.start();
      void this.dags.load();
      void this.attention.load();
    }
  }

  protected override onActivateRequest(): void {
    this.node.querySelector<HTMLElement>('input[type=search]')?.focus();
  }

  protected override render(): JSX.Element {
    const { session, trans, newItems, onOpen } = this.options;
    return (
      <TransContext.Provider value={trans}>
        <div className="jp-hubflow-Root">
          <DagListPanel
            session={session}
            dags={this.dags}
            attention={this.attention}
            currentId={this._currentId}
            newItems={newItems()}
            onOpen={onOpen}
          />
        </div>
      </TransContext.Provider>
    );
  }

  private readonly dags: DagListModel;
  private readonly attention: AttentionModel;
  private _currentId: string | null = null;
  private isLoaded = false;
}
