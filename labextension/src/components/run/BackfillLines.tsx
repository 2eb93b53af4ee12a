import type { IBackfill } from '../../api/types';
import { isUnderWay } from '../../logic/backfills';
import { dueTime } from '../../logic/time';
import { Button } from '../common/Button';
import { StateBadge } from '../common/State';
import { useTrans } from '../common/trans';

interface IBackfillLinesProps {
  backfills: IBackfill[];
  timezone: string;
  /** Why it may not be cancelled; null when it may. */
  cancelReason: string | null;
  onCancel: (backfill: IBackfill) => void;
}

/** Backfills with how far they are. */
export function BackfillLines(props: IBackfillLinesProps): JSX.Element | null {
  const trans = useTrans();
  if (props.backfills.length === 0) {
    return null;
  }
  return (
    <ul className="jp-hubflow-BackfillLines" aria-label={trans.__('Backfills')}>
      {props.backfills.map(backfill => (
        <li key={backfill.id}>
          <strong>{trans.__('Backfill')}</strong>
          <span>
            {trans.__(
              '%1 to %2',
              dueTime(backfill.from_date, props.timezone),
              dueTime(backfill.to_date, props.timezone)
            )}
          </span>
          <StateBadge state={backfill.state} />
          <progress value={backfill.done} max={backfill.total} aria-label={trans.__('Runs')} />
          <span>
            {trans.__('%1 of %2 runs', backfill.done, backfill.total)}
            {backfill.failed > 0 && ` · ${trans.__('%1 failed', backfill.failed)}`}
          </span>
          {isUnderWay(backfill) && (
            <Button
              look="link"
              disabledReason={props.cancelReason}
              onClick={() => props.onCancel(backfill)}
            >
              {trans.__('Cancel …')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
