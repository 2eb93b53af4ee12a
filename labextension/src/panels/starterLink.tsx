import type { IStarter } from '../api/types';
import { Button } from '../components/common/Button';
import { useTrans } from '../components/common/trans';
import { instanceName } from '../logic/changes';
import type { OpenDag } from './dagActions';

interface IStarterLinkProps {
  starter: IStarter | null;
  onOpenDag: OpenDag;
}

/** The way to the task that started a run; nothing for a run that no task started. */
export function StarterLink({ starter, onOpenDag }: IStarterLinkProps): JSX.Element | null {
  const trans = useTrans();
  if (!starter) {
    return null;
  }
  const { dag_id, run_id, task_id, map_index } = starter;
  const at = { runId: run_id, taskId: task_id, mapIndex: map_index < 0 ? null : map_index };
  return (
    <div className="jp-hubflow-SidePanel-zoom">
      <Button look="link" icon="external" onClick={() => onOpenDag(dag_id, at)}>
        {trans.__('Started by %1 of %2', instanceName(starter), dag_id)}
      </Button>
    </div>
  );
}
