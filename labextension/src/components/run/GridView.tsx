import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';

import type { IGridRun, IStructureTask, ITaskCell } from '../../api/types';
import { type IGridPlace, moveFocus } from '../../logic/gridKeys';
import { formatTime } from '../../logic/time';
import { stateLabel } from '../../logic/states';
import { cellsById, gridRows, type IGridRow, removedTasks, rowState } from '../../logic/treeGrid';
import { Button } from '../common/Button';
import { Icon } from '../common/Icon';
import { useTrans } from '../common/trans';
import { GridCell } from './GridCell';
import { GridHeader } from './GridHeader';

const ROW_HEIGHT = 24;
const COLUMN_WIDTH = 22;
const HEADER_HEIGHT = 84;
const NARROW_PX = 520;

interface IGridViewProps {
  tasks: IStructureTask[];
  runs: IGridRun[];
  selectedRunId: string | null;
  selectedTaskId: string | null;
  hasOlder: boolean;
  isLoadingOlder: boolean;
  onOlder: () => void;
  onSelect: (runId: string, taskId: string | null) => void;
}

/** Tasks × runs, newest right. Arrow keys move, Enter opens; only what is visible is drawn. */
export function GridView(props: IGridViewProps): JSX.Element {
  const { tasks, runs, selectedRunId, selectedTaskId, onSelect } = props;
  const trans = useTrans();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [focus, setFocus] = useState<IGridPlace>({ row: 0, column: Math.max(0, runs.length - 1) });
  const rows = useMemo(
    () => [...gridRows(tasks, closed), ...removedTasks(tasks, runs)],
    [tasks, closed, runs]
  );
  const nameWidth = useNameWidth(scroller, rows);
  const cells = useMemo(() => runs.map(cellsById), [runs]);
  const vertical = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    paddingStart: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
    overscan: 10
  });
  const horizontal = useVirtualizer({
    horizontal: true,
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => COLUMN_WIDTH,
    overscan: 8
  });
  useStickToNewest(scroller, runs);
  useRevealSelected(
    scroller,
    runs.findIndex(column => column.run.run_id === selectedRunId),
    nameWidth
  );

  const cellId = (row: number, column: number): string => `${id}-${row}-${column}`;
  const open = ({ row, column }: IGridPlace): void => {
    const run = runs[column]?.run;
    const line = rows[row];
    if (line?.isGroup) {
      setClosed(toggled(closed, line.key.slice('group:'.length)));
    } else if (run) {
      onSelect(run.run_id, line && cells[column]?.has(line.key) ? line.key : null);
    }
  };
  const focusOn = (place: IGridPlace): void => {
    setFocus(place);
    if (place.row >= 0) {
      vertical.scrollToIndex(place.row);
    }
    revealColumn(scroller.current, place.column, nameWidth);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moveFocus(focus, event.key, rows.length, runs.length);
    if (next) {
      event.preventDefault();
      if (event.key === 'ArrowLeft' && focus.column === 0 && props.hasOlder) {
        props.onOlder();
      }
      focusOn(next);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      open(focus);
    }
  };
  const columns = horizontal.getVirtualItems();
  return (
    <div className="jp-hubflow-GridView">
      {props.hasOlder && (
        <div className="jp-hubflow-GridView-older">
          <Button
            look="link"
            icon="chevron-left"
            isBusy={props.isLoadingOlder}
            onClick={props.onOlder}
          >
            {props.isLoadingOlder ? trans.__('Loading …') : trans.__('Load older runs')}
          </Button>
        </div>
      )}
      <div
        ref={scroller}
        className="jp-hubflow-GridView-scroller"
        role="grid"
        aria-label={trans.__('Task states by run')}
        aria-rowcount={rows.length + 1}
        aria-colcount={runs.length + 1}
        aria-activedescendant={cellId(focus.row, focus.column)}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div
          style={{
            height: vertical.getTotalSize(),
            width: nameWidth + horizontal.getTotalSize() + COLUMN_WIDTH
          }}
        >
          <GridHeader
            runs={runs}
            columns={columns}
            left={nameWidth}
            focusedColumn={focus.row === -1 ? focus.column : null}
            selectedRunId={selectedRunId}
            cellId={column => cellId(-1, column)}
            onSelect={column => {
              setFocus({ row: -1, column });
              open({ row: -1, column });
            }}
          />
          <SelectedColumn runs={runs} runId={selectedRunId} left={nameWidth} />
          {vertical.getVirtualItems().map(item => {
            const row = rows[item.index];
            return (
              row && (
                <GridLine
                  key={row.key}
                  row={row}
                  item={item}
                  columns={columns}
                  cells={cells}
                  runs={runs}
                  left={nameWidth}
                  focusedColumn={focus.row === item.index ? focus.column : null}
                  selectedColumn={
                    row.key === selectedTaskId
                      ? runs.findIndex(column => column.run.run_id === selectedRunId)
                      : null
                  }
                  cellId={column => cellId(item.index, column)}
                  onOpen={column => {
                    setFocus({ row: item.index, column });
                    open({ row: item.index, column });
                  }}
                  onOpenNewest={() => open({ row: item.index, column: runs.length - 1 })}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface IGridLineProps {
  row: IGridRow;
  item: VirtualItem;
  columns: VirtualItem[];
  cells: ReadonlyMap<string, ITaskCell>[];
  runs: IGridRun[];
  left: number;
  focusedColumn: number | null;
  selectedColumn: number | null;
  cellId: (column: number) => string;
  onOpen: (column: number) => void;
  onOpenNewest: () => void;
}

function GridLine(props: IGridLineProps): JSX.Element {
  const { row, item, left } = props;
  const trans = useTrans();
  return (
    <div
      role="row"
      aria-rowindex={item.index + 2}
      className="jp-hubflow-GridLine"
      style={{ transform: `translateY(${item.start}px)` }}
      onClick={event => {
        const column = columnAt(event, left);
        if (column !== null && column < props.runs.length) {
          props.onOpen(column);
        }
      }}
    >
      <span
        role="rowheader"
        className="jp-hubflow-GridLine-name"
        style={{ width: left, paddingLeft: 8 + row.depth * 14 }}
        title={row.taskIds.length === 1 ? row.taskIds[0] : row.label}
        onClick={event => {
          event.stopPropagation();
          props.onOpenNewest();
        }}
      >
        {row.isGroup && <Icon name={row.isOpen ? 'chevron-down' : 'chevron-right'} size={12} />}
        <bdi>{row.label}</bdi>
      </span>
      {props.columns.map(column => {
        const state = rowState(row, props.cells[column.index] ?? new Map<string, ITaskCell>());
        const run = props.runs[column.index]?.run;
        return (
          state !== undefined &&
          run && (
            <GridCell
              key={run.id}
              id={props.cellId(column.index)}
              state={state}
              label={`${row.label}\n${formatTime(run.execution_date)} · ${stateLabel(state, trans)}`}
              left={left + column.start}
              isFocused={props.focusedColumn === column.index}
              isSelected={props.selectedColumn === column.index}
            />
          )
        );
      })}
    </div>
  );
}

interface ISelectedColumnProps {
  runs: IGridRun[];
  runId: string | null;
  left: number;
}

function SelectedColumn({ runs, runId, left }: ISelectedColumnProps): JSX.Element | null {
  const index = runs.findIndex(column => column.run.run_id === runId);
  return index < 0 ? null : (
    <div
      className="jp-hubflow-GridView-selected"
      style={{ left: left + index * COLUMN_WIDTH, width: COLUMN_WIDTH }}
    />
  );
}

/** Wide enough for the longest name, but never more than a share of the view. */
function useNameWidth(scroller: React.RefObject<HTMLDivElement>, rows: IGridRow[]): number {
  const [space, setSpace] = useState(1000);
  useEffect(() => {
    const element = scroller.current;
    if (!element) {
      return undefined;
    }
    const observer = new ResizeObserver(() => setSpace(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller]);
  const longest = Math.max(0, ...rows.map(row => row.label.length * 7 + row.depth * 14));
  const limit = space < NARROW_PX ? 130 : Math.min(320, space * 0.4);
  return Math.round(Math.max(Math.min(limit, 110), Math.min(limit, longest + 36)));
}

/** Stay at the right end when runs appear there; stay in place when older ones are put in front. */
function useStickToNewest(scroller: React.RefObject<HTMLDivElement>, runs: IGridRun[]): void {
  const before = useRef<{ first: number | undefined; count: number; width: number }>();
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) {
      return;
    }
    const first = runs[0]?.run.id;
    const old = before.current;
    const right = element.scrollLeft + element.clientWidth;
    if (!old || right >= old.width - COLUMN_WIDTH) {
      element.scrollLeft = element.scrollWidth;
    } else if (old.first !== first) {
      element.scrollLeft += (runs.length - old.count) * COLUMN_WIDTH;
    }
    before.current = { first, count: runs.length, width: element.scrollWidth };
  }, [scroller, runs]);
}

/** Keep the selected run in sight when it is selected and when the view changes its width. */
function useRevealSelected(
  scroller: React.RefObject<HTMLDivElement>,
  column: number,
  nameWidth: number
): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element || column < 0) {
      return undefined;
    }
    const observer = new ResizeObserver(() => revealColumn(element, column, nameWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, column, nameWidth]);
}

function revealColumn(element: HTMLDivElement | null, column: number, nameWidth: number): void {
  if (element) {
    const left = column * COLUMN_WIDTH;
    const right = left + nameWidth + 2 * COLUMN_WIDTH - element.clientWidth;
    element.scrollLeft = Math.min(Math.max(element.scrollLeft, right), left);
  }
}

function columnAt(event: React.MouseEvent<HTMLElement>, left: number): number | null {
  const offset = event.clientX - event.currentTarget.getBoundingClientRect().left - left;
  return offset < 0 ? null : Math.floor(offset / COLUMN_WIDTH);
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) {
    next.add(key);
  }
  return next;
}
