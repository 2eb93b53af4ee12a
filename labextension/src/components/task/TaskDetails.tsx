import type { ITaskPanel, ITry } from '../../api/types';
import { resourcesText } from '../../logic/resources';
import { formatDuration, formatTime, secondsBetween } from '../../logic/time';
import { Facts } from '../common/Facts';
import { Markdown } from '../common/Markdown';
import { useTrans } from '../common/trans';

interface ITaskDetailsProps {
  panel: ITaskPanel;
  tried: ITry | undefined;
}

/** Where and when the try ran, and how the task is defined. */
export function TaskDetails({ panel, tried }: ITaskDetailsProps): JSX.Element {
  const trans = useTrans();
  const { task } = panel;
  const waited = secondsBetween(tried?.queued_at ?? null, tried?.start_date ?? null);
  const at = (iso: string | null | undefined): string | null =>
    iso ? formatTime(iso, undefined, true) : null;
  const lasting = (seconds: number | null | undefined): string | null =>
    seconds === null || seconds === undefined ? null : formatDuration(seconds, trans);
  return (
    <div className="jp-hubflow-TaskDetails">
      <Facts
        facts={[
          [trans.__('Task id'), task?.task_display_name === task?.task_id ? null : task?.task_id],
          [trans.__('Operator'), task?.operator],
          [trans.__('Description'), task?.description],
          [trans.__('Queued'), at(tried?.queued_at)],
          [trans.__('Start'), at(tried?.start_date)],
          [trans.__('End'), at(tried?.end_date)],
          [trans.__('Waited for a slot'), waited === null ? null : formatDuration(waited, trans)],
          [trans.__('Next try'), at(panel.cell.retry_at)],
          [trans.__('Exit code'), tried?.exit_code],
          [trans.__('Machine'), tried?.hostname],
          [trans.__('Process'), tried?.pid],
          [trans.__('Trigger rule'), task?.trigger_rule],
          [trans.__('Retries'), task?.retries],
          [trans.__('Between tries'), task?.retries ? lasting(task.retry_delay_s) : null],
          [trans.__('Time limit of a try'), lasting(task?.execution_timeout_s)],
          [trans.__('Pool'), task?.pool],
          [trans.__('Slots of the pool'), task?.pool_slots],
          [trans.__('Queue'), task?.queue],
          [trans.__('Priority weight'), task?.priority_weight],
          [trans.__('Declared resources'), resourcesText(task?.resources ?? {}, trans)],
          [trans.__('Owner'), task?.owner],
          [trans.__('Downstream'), task?.downstream.join(', ')]
        ]}
      />
      {task === null && <p>{trans.__('This version of the DAG has no such task any more.')}</p>}
      {task?.doc && <Markdown text={task.doc} />}
      <Facts
        facts={Object.entries(task?.fields ?? {}).map(([name, value]) => [
          name,
          <pre key={name}>{value}</pre>
        ])}
      />
    </div>
  );
}
