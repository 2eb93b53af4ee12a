import { useState } from 'react';

import { clearTaskInstances, markTaskInstances } from '../api/taskInstances';
import type { ITouched } from '../api/types';
import { Button } from '../components/common/Button';
import { Menu } from '../components/common/Menu';
import { useTrans } from '../components/common/trans';
import { ChangeForm } from '../components/forms/ChangeForm';
import type { IReach, TaskChange } from '../logic/changes';
import type { Session } from '../model/session';
import { Permission } from '../tokens';
import { reasonAgainst } from './reasons';

interface IChangeTaskProps {
  session: Session;
  dagId: string;
  runId: string;
  taskId: string;
}

/** The buttons with which people clear and mark a task instance, and their dialog. */
export function ChangeTask(props: IChangeTaskProps): JSX.Element {
  const trans = useTrans();
  const [change, setChange] = useState<TaskChange | null>(null);
  const reason = reasonAgainst(props.session, Permission.editRuns, trans);
  return (
    <div className="jp-hubflow-SidePanel-actions">
      <Button disabledReason={reason} onClick={() => setChange('clear')}>
        {trans.__('Clear and run again')}
      </Button>
      <Menu
        icon="more"
        label={trans.__('Mark')}
        items={[
          {
            label: trans.__('Mark as success'),
            disabledReason: reason,
            onSelect: () => setChange('success')
          },
          {
            label: trans.__('Mark as failed'),
            disabledReason: reason,
            onSelect: () => setChange('failed')
          }
        ]}
      />
      {change && (
        <ChangeForm
          taskId={props.taskId}
          change={change}
          onPreview={reach => send(props, change, reach, true)}
          onChange={reach => send(props, change, reach, false)}
          onClose={() => setChange(null)}
        />
      )}
    </div>
  );
}

function send(
  { session, dagId, runId, taskId }: IChangeTaskProps,
  change: TaskChange,
  reach: IReach,
  isDryRun: boolean
): Promise<ITouched> {
  const common = {
    dry_run: isDryRun,
    dag_run_id: runId,
    include_past: reach.past,
    include_future: reach.future,
    include_upstream: reach.upstream,
    include_downstream: reach.downstream
  };
  if (change === 'clear') {
    return clearTaskInstances(session.connection, dagId, {
      ...common,
      task_ids: [taskId],
      only_failed: reach.onlyFailed,
      include_subdags: reach.recursive,
      include_parentdag: reach.recursive
    });
  }
  const body = { ...common, task_id: taskId, new_state: change };
  return markTaskInstances(session.connection, dagId, body);
}
