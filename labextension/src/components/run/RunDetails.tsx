import type { ReactNode } from 'react';

import type { IGridRun } from '../../api/types';
import { sortedCounts } from '../../logic/states';
import { endReason, startText, tasksToLookAt } from '../../logic/runs';
import { formatTime } from '../../logic/time';
import { IconButton } from '../common/Button';
import { Facts } from '../common/Facts';
import { StateBadge } from '../common/State';
import { Elapsed } from '../common/Times';
import { useTrans } from '../common/trans';

interface IRunDetailsProps {
  column: IGridRun;
  /** What people read as the name of a task. */
  taskName: (taskId: string) => string;
  /** The way to the task that started it. */
  starter?: ReactNode;
  /** What may be done to it. */
  actions?: ReactNode;
  onOpenTask: (taskId: string) => void;
  onClose: () => void;
}

/** One run: its state, when, why, with what configuration, and how its tasks stand. */
export function RunDetails({
  column,
  taskName,
  starter,
  actions,
  onOpenTask,
  onClose
}: IRunDetailsProps): JSX.Element {
  const trans = useTrans();
  const { run } = column;
  const tasks = tasksToLookAt(column);
  const conf = Object.keys(run.conf).length ? JSON.stringify(run.conf, null, 2) : null;
  return (
    <section className="jp-hubflow-SidePanel" aria-label={trans.__('Run')}>
      <header className="jp-hubflow-SidePanel-header">
        <h3>{formatTime(run.execution_date)}</h3>
        <IconButton icon="close" label={trans.__('Close')} onClick={onClose} />
      </header>
      <p className="jp-hubflow-SidePanel-state">
        <StateBadge state={run.state} />
        {run.start_date && (
          <span>
            {run.end_date ? trans.__('after') : trans.__('for')}{' '}
            <Elapsed start={run.start_date} end={run.end_date} />
          </span>
        )}
      </p>
      {starter}
      {actions}
      <ul className="jp-hubflow-RunDetails-counts">
        {sortedCounts(run.task_counts).map(([state, count]) => (
          <li key={state}>
            {count} <StateBadge state={state} />
          </li>
        ))}
      </ul>
      {tasks.length > 0 && (
        <ul className="jp-hubflow-RunDetails-tasks" aria-label={trans.__('Tasks to look at')}>
          {tasks.map(cell => (
            <li key={cell.task_id}>
              <button type="button" title={cell.task_id} onClick={() => onOpenTask(cell.task_id)}>
                <bdi>{taskName(cell.task_id)}</bdi>
                <StateBadge state={cell.state} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <Facts
        facts={[
          [trans.__('Run id'), run.run_id],
          [trans.__('Started'), startText(run, trans)],
          [trans.__('Execution date'), formatTime(run.execution_date, undefined, true)],
          [trans.__('Start'), run.start_date && formatTime(run.start_date, undefined, true)],
          [trans.__('End'), run.end_date && formatTime(run.end_date, undefined, true)],
          [trans.__('Why it ended'), endReason(run, trans)],
          [trans.__('DAG version'), run.version],
          [trans.__('Configuration'), conf && <pre>{conf}</pre>]
        ]}
      />
    </section>
  );
}
