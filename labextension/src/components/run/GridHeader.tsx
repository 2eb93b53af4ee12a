import type { VirtualItem } from '@tanstack/react-virtual';

import type { IGridRun, IRunBrief } from '../../api/types';
import { barHeights, runTitle } from '../../logic/runs';
import { knownState, stateLabel } from '../../logic/states';
import { clockTime, formatDuration, secondsBetween, shortTime } from '../../logic/time';
import { Icon } from '../common/Icon';
import { useNow } from '../common/Times';
import { useTrans } from '../common/trans';

/** Between two dates over the bars there is room for at least so many columns. */
const LABEL_EVERY = 4;

interface IGridHeaderProps {
  runs: IGridRun[];
  columns: VirtualItem[];
  left: number;
  focusedColumn: number | null;
  selectedRunId: string | null;
  idPrefix: string;
  onSelect: (column: number) => void;
}

/** The runs as bars over their columns: height is duration, a hand marks runs started by hand. */
export function GridHeader(props: IGridHeaderProps): JSX.Element {
  const trans = useTrans();
  const briefs = props.runs.map(column => column.run);
  const isLive = briefs.some(run => run.state === 'running');
  const now = useNow(() => (isLive ? 1000 : null));
  const heights = barHeights(briefs, now);
  const longest = Math.max(
    0,
    ...briefs.map(run => secondsBetween(run.start_date, run.end_date) ?? 0)
  );
  return (
    <div className="jp-hubflow-GridHeader" role="row">
      <div className="jp-hubflow-GridHeader-scale" role="rowheader" style={{ width: props.left }}>
        <span>{longest > 0 ? formatDuration(longest, trans) : ''}</span>
        <span>{trans.__('Runs')}</span>
      </div>
      {props.columns.map(item => {
        const run = briefs[item.index];
        if (!run) {
          return null;
        }
        const title = runTitle(run, stateLabel(run.state, trans), now, trans);
        return (
          <span
            key={run.id}
            id={`${props.idPrefix}-${item.index}`}
            role="columnheader"
            aria-label={title}
            aria-selected={run.run_id === props.selectedRunId}
            title={title}
            className="jp-hubflow-GridHeader-run"
            data-column={item.index}
            data-focused={props.focusedColumn === item.index}
            style={{ left: props.left + item.start, width: item.size }}
            onClick={() => props.onSelect(item.index)}
          >
            {item.index % LABEL_EVERY === 0 && (
              <span className="jp-hubflow-GridHeader-date">
                {columnLabel(run.execution_date, briefs[item.index - LABEL_EVERY], now)}
              </span>
            )}
            <span
              className="jp-hubflow-GridHeader-bar"
              data-state={knownState(run.state)}
              style={{ height: `${Math.round((heights[item.index] ?? 0) * 100)}%` }}
            >
              {run.run_type === 'manual' && <Icon name="play" size={8} />}
            </span>
          </span>
        );
      })}
    </div>
  );
}

/** The date over a column; only the time when the label to the left has the same date. */
function columnLabel(iso: string, left: IRunBrief | undefined, now: number): string {
  const label = shortTime(iso, now);
  return left && shortTime(left.execution_date, now) === label ? clockTime(iso) : label;
}
