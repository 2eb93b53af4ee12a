import type { IAttentionItem } from '../api/types';
import type { IMenuItem } from '../components/common/MenuPopup';
import { useTrans } from '../components/common/trans';
import { DagList } from '../components/dags/DagList';
import { type IAddress, NOWHERE, START } from '../logic/places';
import type { AttentionModel } from '../model/attention';
import type { DagListModel } from '../model/dags';
import type { Session } from '../model/session';
import { Permission } from '../tokens';
import { isReadOnly, reasonAgainst } from './reasons';
import { useModel } from './useModel';

export interface IDagListPanelProps {
  session: Session;
  dags: DagListModel;
  attention: AttentionModel;
  currentId: string | null;
  newItems: IMenuItem[];
  onOpen: (address: IAddress) => void;
}

/** The list of DAGs, tied to its models. */
export function DagListPanel(props: IDagListPanelProps): JSX.Element {
  const { session, dags, attention, onOpen } = props;
  const trans = useTrans();
  useModel(session);
  useModel(dags);
  useModel(attention);
  return (
    <DagList
      dags={dags.rows}
      status={dags.status}
      error={dags.error}
      search={dags.query.search}
      stateFilter={dags.query.state}
      shown={dags.query.paused}
      pausedCount={dags.pausedCount}
      hiddenCount={dags.hiddenCount}
      newCount={dags.newCount}
      hasMore={dags.hasMore}
      currentId={props.currentId}
      attention={attention.value?.items ?? []}
      health={session.health.value}
      offlineSince={session.offlineSince}
      readOnlyReason={reasonAgainst(session, Permission.editDags, trans)}
      isReadOnly={isReadOnly(session, Permission.editDags)}
      newItems={props.newItems}
      dagFolder={session.me.value?.dag_folder ?? null}
      onFilter={dags.setQuery}
      onShow={paused => dags.setQuery({ paused })}
      onMore={dags.loadMore}
      onOpen={dagId => onOpen({ ...NOWHERE, dagId })}
      dismissReason={reasonAgainst(session, Permission.editAlerts, trans)}
      dismissError={attention.refusal}
      onDismissAttention={ids => void attention.dismiss(ids)}
      onOpenAttention={item => onOpen(addressOf(item))}
      onSetPaused={(dagId, isPaused) => void dags.setPaused(dagId, isPaused)}
      onReload={() => {
        void dags.load();
        void attention.load();
        void session.health.load();
      }}
      onDismissError={dags.dismissError}
      onReconnect={session.stream.retryNow}
    />
  );
}

/** Where an item of the attention list leads. */
function addressOf(item: IAttentionItem): IAddress {
  return {
    dagId: item.dag_id,
    filePath: item.dag_id === null ? item.path : null,
    place: { ...START, runId: item.run_id, taskId: item.task_id }
  };
}
