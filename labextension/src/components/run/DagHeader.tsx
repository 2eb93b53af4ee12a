import type { IDagRow } from '../../api/types';
import { nameLines } from '../../logic/names';
import { nextChangeMs } from '../../logic/time';
import { Button } from '../common/Button';
import { Menu } from '../common/Menu';
import type { IMenuItem } from '../common/MenuPopup';
import { ReadOnly } from '../common/ReadOnly';
import { Switch } from '../common/Switch';
import { RelativeTime, useNow } from '../common/Times';
import { useTrans } from '../common/trans';

interface IDagHeaderProps {
  dag: IDagRow;
  editReason: string | null;
  triggerReason: string | null;
  isReadOnly: boolean;
  menu: IMenuItem[];
  onSetPaused: (isPaused: boolean) => void;
  onTrigger: () => void;
}

/** Name, switch, schedule in words, when next, and the button that runs it now. */
export function DagHeader(props: IDagHeaderProps): JSX.Element {
  const { dag } = props;
  const trans = useTrans();
  return (
    <div className="jp-hubflow-DagHeader">
      <h2 title={nameLines(dag.dag_display_name, dag.dag_id).join('\n')}>
        <bdi>{dag.dag_display_name}</bdi>
      </h2>
      {dag.dag_display_name !== dag.dag_id && (
        <code className="jp-hubflow-DagHeader-id" title={trans.__('Its id: %1', dag.dag_id)}>
          {dag.dag_id}
        </code>
      )}
      <Switch
        isOn={!dag.is_paused}
        label={dag.is_paused ? trans.__('Switch on') : trans.__('Switch off')}
        disabledReason={props.editReason}
        onChange={isOn => props.onSetPaused(!isOn)}
      />
      <span className="jp-hubflow-DagHeader-switch">
        {dag.is_paused ? trans.__('off') : trans.__('on')}
      </span>
      {props.isReadOnly && <ReadOnly reason={props.triggerReason} />}
      <p className="jp-hubflow-DagHeader-schedule">
        <span title={dag.schedule_text ?? undefined}>
          {dag.schedule_reading}
          {dag.schedule_text !== null && ` (${dag.timezone})`}
        </span>
        {dag.next_due_at && !dag.is_paused && (
          <span>
            {' · '}
            <NextDue iso={dag.next_due_at} />
          </span>
        )}
        {dag.is_paused && dag.schedule_text !== null && (
          <span>
            {' · '}
            {trans.__('switched off, nothing runs on schedule')}
          </span>
        )}
      </p>
      <div className="jp-hubflow-DagHeader-actions">
        <Button
          look="primary"
          icon="play"
          disabledReason={props.triggerReason}
          onClick={props.onTrigger}
        >
          {trans.__('Trigger')}
        </Button>
        <Menu icon="more" label={trans.__('More')} items={props.menu} />
      </div>
    </div>
  );
}

/** "next in 3 h", or "due 3 min ago" where the run of that time is still to come. */
function NextDue({ iso }: { iso: string }): JSX.Element {
  const trans = useTrans();
  const now = useNow(current => nextChangeMs(iso, current));
  return (
    <>
      {Date.parse(iso) > now ? trans.__('next') : trans.__('due')} <RelativeTime iso={iso} />
    </>
  );
}
