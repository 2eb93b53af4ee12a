import { Icon } from '../components/common/Icon';
import { useTrans } from '../components/common/trans';
import type { Session } from '../model/session';
import { useModel } from './useModel';

interface IStatusPanelProps {
  session: Session;
  onClick: () => void;
}

/** The running count, or what keeps it from being known. */
export function StatusPanel({ session, onClick }: IStatusPanelProps): JSX.Element {
  const trans = useTrans();
  useModel(session);
  const health = session.health.value;
  const isDown = health !== null && health.scheduler.status !== 'healthy';
  const isOffline = session.offlineSince !== null;
  const text = isOffline
    ? trans.__('offline')
    : isDown
      ? trans.__('scheduler stopped')
      : trans.__('%1 running', health?.worker.running ?? 0);
  return (
    <button
      type="button"
      className="jp-hubflow-Status"
      title={trans.__('Workflows: %1', text)}
      onClick={onClick}
    >
      <Icon name={isOffline ? 'offline' : isDown ? 'warning' : 'play'} size={12} />
      {text}
    </button>
  );
}
