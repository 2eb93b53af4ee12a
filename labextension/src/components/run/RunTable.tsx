import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';

import type { IRunBrief } from '../../api/types';
import { startText } from '../../logic/runs';
import { sortedCounts, stateLabel } from '../../logic/states';
import { formatTime } from '../../logic/time';
import { Menu } from '../common/Menu';
import { belowElement, type IMenuItem, type IMenuPlace, isMenuKey } from '../common/MenuPopup';
import { StateBadge, StateDot } from '../common/State';
import { Elapsed } from '../common/Times';
import { useTrans } from '../common/trans';

const ROW_HEIGHT = 32;
const HEADER_HEIGHT = 28;
const NEAR_END = 10;

interface IRunTableProps {
  /** Newest first. */
  runs: IRunBrief[];
  selectedRunId: string | null;
  hasOlder: boolean;
  isLoadingOlder: boolean;
  menuItems: (runId: string) => IMenuItem[];
  onOlder: () => void;
  onSelect: (runId: string) => void;
  onMenu: (runId: string, at: IMenuPlace) => void;
}

/** The runs as a list, newest first; older ones come when its end is near. */
export function RunTable(props: IRunTableProps): JSX.Element {
  const { runs, hasOlder, onOlder } = props;
  const trans = useTrans();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    scrollMargin: HEADER_HEIGHT,
    getItemKey: index => runs[index]?.id ?? index,
    overscan: 10
  });
  const items = virtual.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (hasOlder && last >= runs.length - NEAR_END) {
      onOlder();
    }
  }, [hasOlder, last, runs.length, onOlder]);
  return (
    <div className="jp-hubflow-RunTable" ref={scroller} onKeyDown={moveBetweenRows}>
      <div className="jp-hubflow-RunTable-names" aria-hidden="true">
        <span>{trans.__('State')}</span>
        <span>{trans.__('Execution date')}</span>
        <span>{trans.__('Took')}</span>
        <span>{trans.__('Tasks')}</span>
        <span>{trans.__('Started')}</span>
      </div>
      <div
        role="list"
        aria-label={trans.__('Runs')}
        aria-busy={props.isLoadingOlder}
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map(item => {
          const run = runs[item.index];
          return (
            run && (
              <div
                key={item.key}
                role="listitem"
                className="jp-hubflow-RunRow"
                data-current={run.run_id === props.selectedRunId}
                style={{
                  height: ROW_HEIGHT,
                  transform: `translateY(${item.start - HEADER_HEIGHT}px)`
                }}
                onContextMenu={event => {
                  event.preventDefault();
                  event.stopPropagation();
                  props.onMenu(run.run_id, { x: event.clientX, y: event.clientY });
                }}
                onKeyDown={event => {
                  if (isMenuKey(event)) {
                    event.preventDefault();
                    props.onMenu(run.run_id, belowElement(event.currentTarget));
                  }
                }}
              >
                <RunRow run={run} onOpen={() => props.onSelect(run.run_id)} />
                <Menu icon="more" label={trans.__('More')} items={props.menuItems(run.run_id)} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function RunRow({ run, onOpen }: { run: IRunBrief; onOpen: () => void }): JSX.Element {
  const trans = useTrans();
  return (
    <button type="button" className="jp-hubflow-RunRow-open" title={run.run_id} onClick={onOpen}>
      <StateBadge state={run.state} />
      <span>{formatTime(run.execution_date)}</span>
      <span className="jp-hubflow-RunRow-note">
        {run.start_date ? <Elapsed start={run.start_date} end={run.end_date} /> : '–'}
      </span>
      <span className="jp-hubflow-RunRow-counts">
        {sortedCounts(run.task_counts).map(([state, count]) => (
          <span key={state} title={stateLabel(state, trans)}>
            <StateDot state={state} /> {count}
          </span>
        ))}
      </span>
      <span className="jp-hubflow-RunRow-note">
        <bdi>{startText(run, trans)}</bdi>
      </span>
    </button>
  );
}

/** Arrow keys move between rows. */
function moveBetweenRows(event: KeyboardEvent<HTMLDivElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = (event.target as HTMLElement).closest('.jp-hubflow-RunRow');
  if (!step || !row) {
    return;
  }
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll('.jp-hubflow-RunRow')];
  rows[rows.indexOf(row) + step]?.querySelector('button')?.focus();
}
