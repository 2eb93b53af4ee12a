import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';

import type { IDagRow } from '../../api/types';
import { useTrans } from '../common/trans';
import { DagRow, type IDagRowProps } from './DagRow';

const ROW_HEIGHT = 48;

interface IDagRowsProps extends Omit<IDagRowProps, 'dag' | 'isCurrent'> {
  dags: IDagRow[];
  currentId: string | null;
  hasMore: boolean;
  onMore: () => void;
}

/** The rows that are on the screen; asks for more when the end comes near. */
export function DagRows({
  dags,
  currentId,
  hasMore,
  onMore,
  ...rowProps
}: IDagRowsProps): JSX.Element {
  const trans = useTrans();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: dags.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: index => dags[index]?.dag_id ?? index,
    overscan: 8
  });
  const items = virtual.getVirtualItems();
  const lastShown = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastShown >= dags.length - 10) {
      onMore();
    }
  }, [hasMore, lastShown, dags.length, onMore]);

  return (
    <div className="jp-hubflow-DagRows" ref={scroller} onKeyDown={moveBetweenRows}>
      <div role="list" aria-label={trans.__('DAGs')} style={{ height: virtual.getTotalSize() }}>
        {items.map(item => {
          const dag = dags[item.index];
          return (
            dag && (
              <div
                key={item.key}
                role="listitem"
                style={{ height: ROW_HEIGHT, transform: `translateY(${item.start}px)` }}
              >
                <DagRow {...rowProps} dag={dag} isCurrent={dag.dag_id === currentId} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

/** Arrow keys move between rows, staying on the name or on the switch. */
function moveBetweenRows(event: KeyboardEvent<HTMLDivElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const from = event.target as HTMLElement;
  if (!step || !from.closest('.jp-hubflow-DagRow')) {
    return;
  }
  event.preventDefault();
  const kind = from.getAttribute('role') === 'switch' ? '[role=switch]' : '.jp-hubflow-DagRow-open';
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(kind)].sort(
    (a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top
  );
  all[all.indexOf(from) + step]?.focus();
}
