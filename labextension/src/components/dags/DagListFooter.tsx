import type { IHealth } from '../../api/types';
import { Button } from '../common/Button';
import { Icon } from '../common/Icon';
import { RelativeTime } from '../common/Times';
import { useTrans } from '../common/trans';

interface IDagListFooterProps {
  health: IHealth | null;
  /** When the connection broke; null while it is live. */
  offlineSince: number | null;
  onReconnect: () => void;
}

/** The heartbeat: whether schedules fire at all, and how much runs now. Never hidden. */
export function DagListFooter(props: IDagListFooterProps): JSX.Element {
  const trans = useTrans();
  const { health, offlineSince, onReconnect } = props;
  if (offlineSince !== null) {
    return (
      <div className="jp-hubflow-DagListFooter" data-health="bad" role="status">
        <Icon name="offline" size={14} />
        <span>
          {trans.__('Offline · last news')}{' '}
          <RelativeTime iso={new Date(offlineSince).toISOString()} />
        </span>
        <Button look="link" onClick={onReconnect}>
          {trans.__('Reconnect')}
        </Button>
      </div>
    );
  }
  const isWell = health?.scheduler.status === 'healthy';
  return (
    <div
      className="jp-hubflow-DagListFooter"
      data-health={health === null || isWell ? 'good' : 'bad'}
      role="status"
      title={health ? leadership(health, trans) : undefined}
    >
      <Icon name={health === null || isWell ? 'clock' : 'warning'} size={14} />
      <span>{health ? <Heartbeat health={health} /> : trans.__('connecting …')}</span>
    </div>
  );
}

/** Who leads, and how many schedulers would take over. */
function leadership(health: IHealth, trans: ReturnType<typeof useTrans>): string | undefined {
  const { leader, standing_by: others } = health.scheduler;
  if (!leader) {
    return undefined;
  }
  const leads = trans.__('scheduler %1 leads', leader);
  return others ? `${leads} · ${trans._n('%1 stands by', '%1 stand by', others)}` : leads;
}

function Heartbeat({ health }: { health: IHealth }): JSX.Element {
  const trans = useTrans();
  const { status, latest_scheduler_heartbeat: beat } = health.scheduler;
  if (status !== 'healthy') {
    return beat ? (
      <>
        {trans.__('scheduler stopped, last seen')} <RelativeTime iso={beat} />
      </>
    ) : (
      <>{trans.__('the scheduler has not started')}</>
    );
  }
  const { running, queued, status: worker } = health.worker;
  const parts = [
    worker === 'healthy' ? trans.__('scheduler ok') : trans.__('no worker'),
    trans.__('%1 running', running),
    ...(queued ? [trans.__('%1 queued', queued)] : [])
  ];
  return <>{parts.join(' · ')}</>;
}
