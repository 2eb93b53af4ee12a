import type { IDagRow } from '../../api/types';
import { nameLines } from '../../logic/names';
import { runSummary } from '../../logic/runs';
import { shortTime } from '../../logic/time';
import { Icon } from '../common/Icon';
import { StateDot } from '../common/State';
import { Switch } from '../common/Switch';
import { useTrans } from '../common/trans';
import { RunBars } from './RunBars';

export interface IDagRowProps {
  dag: IDagRow;
  isCurrent: boolean;
  onOpen: (dagId: string) => void;
  onSetPaused: (dagId: string, isPaused: boolean) => void;
  /** Why the switch cannot be used; null when it can. */
  readOnlyReason: string | null;
}

/** One DAG: state, name, when next, switch; below it its last runs. */
export function DagRow({
  dag,
  isCurrent,
  onOpen,
  onSetPaused,
  readOnlyReason
}: IDagRowProps): JSX.Element {
  const trans = useTrans();
  const last = dag.recent_runs[dag.recent_runs.length - 1];
  const summary = runSummary(dag.recent_runs, trans);
  return (
    <div className="jp-hubflow-DagRow" data-paused={dag.is_paused} data-current={isCurrent}>
      <button
        type="button"
        className="jp-hubflow-DagRow-open"
        aria-current={isCurrent}
        title={[
          ...nameLines(dag.dag_display_name, dag.dag_id),
          dag.description,
          dag.schedule_reading
        ]
          .filter(Boolean)
          .join('\n')}
        onClick={() => onOpen(dag.dag_id)}
      >
        <StateDot state={last?.state ?? 'none'} />
        <span className="jp-hubflow-DagRow-name">
          <bdi>{dag.dag_display_name}</bdi>
        </span>
        {dag.has_import_error && (
          <span
            className="jp-hubflow-DagRow-broken"
            role="img"
            aria-label={trans.__('The file has an error')}
            title={trans.__('The file has an error')}
          >
            <Icon name="file" size={14} />
          </span>
        )}
        {dag.warnings.length > 0 && (
          <span
            className="jp-hubflow-DagRow-warned"
            role="img"
            aria-label={trans._n('%1 warning', '%1 warnings', dag.warnings.length)}
            title={dag.warnings.join('\n')}
          >
            <Icon name="warning" size={14} />
            {dag.warnings.length > 1 && dag.warnings.length}
          </span>
        )}
        <NextRun dag={dag} />
        <span className="jp-hubflow-DagRow-runs">
          {dag.recent_runs.length > 0 && <RunBars runs={dag.recent_runs} />}
          <span>{summary || trans.__('no runs yet')}</span>
        </span>
      </button>
      <Switch
        isOn={!dag.is_paused}
        label={
          dag.is_paused
            ? trans.__('Switch %1 on', dag.dag_display_name)
            : trans.__('Switch %1 off', dag.dag_display_name)
        }
        disabledReason={readOnlyReason}
        onChange={isOn => onSetPaused(dag.dag_id, !isOn)}
      />
    </div>
  );
}

/** A running notebook's cells, else the next time, else how it is started. */
function NextRun({ dag }: { dag: IDagRow }): JSX.Element {
  const trans = useTrans();
  if (dag.progress) {
    const { done, total, text } = dag.progress;
    return (
      <span className="jp-hubflow-DagRow-progress" title={text || trans.__('cells done')}>
        {trans.__('%1/%2', done, total)}
      </span>
    );
  }
  return <span className="jp-hubflow-DagRow-next">{nextText(dag)}</span>;

  function nextText(row: IDagRow): string {
    if (row.is_paused) {
      return row.is_new ? trans.__('new, off') : trans.__('off');
    }
    if (row.next_due_at) {
      return shortTime(row.next_due_at, Date.now());
    }
    return row.schedule_text === null ? trans.__('manual') : trans.__('done');
  }
}
