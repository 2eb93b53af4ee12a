import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, useId, useMemo, useRef, useState } from 'react';

import type { IGridRun, IStructureTask } from '../../api/types';
import type { ITaskGroup } from '../../logic/changes';
import { type IGridPlace, moveFocus } from '../../logic/gridKeys';
import { formatTime } from '../../logic/time';
import { gridRows, removedTasks, rowState, tasksIn } from '../../logic/treeGrid';
import { Button } from '../common/Button';
import { belowElement, type IMenuPlace, isMenuKey } from '../common/MenuPopup';
import { useTrans } from '../common/trans';
import { GridHeader } from './GridHeader';
import { GridLine } from './GridLine';
import {
  COLUMN_WIDTH,
  revealColumn,
  useNameWidth,
  useRevealSelected,
  useStickToNewest
} from './gridScroll';

const ROW_HEIGHT = 24;
const HEADER_HEIGHT = 84;

/** A task in a run, the tasks of a group in it, or with `taskId` null the run. */
interface IGridTarget {
  runId: string;
  taskId: string | null;
  group: ITaskGroup | null;
}

interface IGridViewProps {
  tasks: IStructureTask[];
  runs: IGridRun[];
  closedGroups: ReadonlySet<string>;
  /** Open a closed group, or close an open one. */
  onToggleGroup: (groupId: string) => void;
  selectedRunId: string | null;
  selectedTaskId: string | null;
  hasOlder: boolean;
  isLoadingOlder: boolean;
  onOlder: () => void;
  onSelect: (runId: string, taskId: string | null) => void;
  /** Somebody asks what can be done with a cell. */
  onMenu: (target: IGridTarget, at: IMenuPlace) => void;
}

/** Tasks × runs, newest right. Arrow keys move, Enter opens; only what is visible is drawn. */
export function GridView(props: IGridViewProps): JSX.Element {
  const { tasks, runs, closedGroups, selectedRunId, selectedTaskId, onSelect } = props;
  const trans = useTrans();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [focus, setFocus] = useState<IGridPlace>({ row: 0, column: Math.max(0, runs.length - 1) });
  const shownRuns = runs.map(column => column.run.id).join();
  const rows = useMemo(
    () => [...gridRows(tasks, closedGroups), ...removedTasks(tasks, runs)],
    // eslint-disable-next-line react-hooks/exhaustive-deps -- which tasks runs have changes with them only
    [tasks, closedGroups, shownRuns]
  );
  const runLabels = useMemo(() => runs.map(({ run }) => formatTime(run.execution_date)), [runs]);
  const nameWidth = useNameWidth(scroller, rows);
  const vertical = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    paddingStart: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
    overscan: 4
  });
  const horizontal = useVirtualizer({
    horizontal: true,
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => COLUMN_WIDTH,
    overscan: 2
  });
  const selectedColumn = runs.findIndex(column => column.run.run_id === selectedRunId);
  useStickToNewest(scroller, runs);
  useRevealSelected(scroller, selectedColumn, nameWidth);

  const open = (place: IGridPlace): void => {
    const column = runs[place.column];
    const line = rows[place.row];
    setFocus(place);
    if (line?.isGroup) {
      props.onToggleGroup(line.key.slice('group:'.length));
    } else if (column) {
      const taskId = line && rowState(line, column) ? line.key : null;
      onSelect(column.run.run_id, taskId);
    }
  };
  const onClick = (event: MouseEvent): void => {
    const line = (event.target as HTMLElement).closest<HTMLElement>('[data-row]');
    const column = line && columnAt(event, line, nameWidth);
    if (line && (column === null || column < runs.length)) {
      open({ row: Number(line.dataset.row), column: column ?? runs.length - 1 });
    }
  };
  const openMenu = (place: IGridPlace, at: IMenuPlace): boolean => {
    const column = runs[place.column];
    const line = rows[place.row];
    const hasTask = line && column && rowState(line, column) !== undefined;
    if (!column || (place.row >= 0 && !hasTask)) {
      return false;
    }
    setFocus(place);
    const group = line?.isGroup ? { label: line.label, taskIds: tasksIn(line, column) } : null;
    props.onMenu(
      { runId: column.run.run_id, taskId: group ? null : (line?.key ?? null), group },
      at
    );
    return true;
  };
  const onContextMenu = (event: MouseEvent): void => {
    const place = placeOf(event, nameWidth);
    if (place && openMenu(place, { x: event.clientX, y: event.clientY })) {
      event.preventDefault();
      event.stopPropagation();
      scroller.current?.focus({ preventScroll: true });
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moveFocus(focus, event.key, rows.length, runs.length);
    if (next) {
      event.preventDefault();
      if (event.key === 'ArrowLeft' && focus.column === 0 && props.hasOlder) {
        props.onOlder();
      }
      setFocus(next);
      if (next.row >= 0) {
        vertical.scrollToIndex(next.row);
      }
      revealColumn(scroller.current, next.column, nameWidth);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      open(focus);
    } else if (isMenuKey(event)) {
      event.preventDefault();
      const cell = document.getElementById(`${id}-${focus.row}-${focus.column}`);
      openMenu(focus, belowElement(cell ?? scroller.current));
    }
  };
  const columns = horizontal.getVirtualItems();
  return (
    <div className="jp-hubflow-GridView">
      {props.hasOlder && <OlderButton {...props} />}
      <div
        ref={scroller}
        className="jp-hubflow-GridView-scroller"
        role="grid"
        aria-label={trans.__('Task states by run')}
        aria-rowcount={rows.length + 1}
        aria-colcount={runs.length + 1}
        aria-activedescendant={`${id}-${focus.row}-${focus.column}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onContextMenu={onContextMenu}
      >
        <div
          style={{
            height: vertical.getTotalSize(),
            width: nameWidth + horizontal.getTotalSize() + 2 * COLUMN_WIDTH
          }}
        >
          <GridHeader
            runs={runs}
            columns={columns}
            left={nameWidth}
            focusedColumn={focus.row === -1 ? focus.column : null}
            selectedRunId={selectedRunId}
            idPrefix={`${id}--1`}
            onSelect={column => open({ row: -1, column })}
          />
          {selectedColumn >= 0 && (
            <div
              className="jp-hubflow-GridView-selected"
              style={{ left: nameWidth + selectedColumn * COLUMN_WIDTH, width: COLUMN_WIDTH }}
            />
          )}
          {vertical.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            return (
              row && (
                <GridLine
                  key={row.key}
                  row={row}
                  index={index}
                  top={start}
                  columns={columns}
                  runs={runs}
                  runLabels={runLabels}
                  left={nameWidth}
                  focusedColumn={focus.row === index ? focus.column : null}
                  selectedRunId={row.key === selectedTaskId ? selectedRunId : null}
                  idPrefix={id}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

function OlderButton({ isLoadingOlder, onOlder }: IGridViewProps): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-hubflow-GridView-older">
      <Button look="link" icon="chevron-left" isBusy={isLoadingOlder} onClick={onOlder}>
        {isLoadingOlder ? trans.__('Loading …') : trans.__('Load older runs')}
      </Button>
    </div>
  );
}

/** The cell or the run under the pointer; null over the names. */
function placeOf(event: MouseEvent, left: number): IGridPlace | null {
  const target = event.target as HTMLElement;
  const bar = target.closest<HTMLElement>('[data-column]');
  if (bar) {
    return { row: -1, column: Number(bar.dataset.column) };
  }
  const line = target.closest<HTMLElement>('[data-row]');
  const column = line && columnAt(event, line, left);
  return line && column !== null ? { row: Number(line.dataset.row), column } : null;
}

/** The column under the pointer; null over the names. */
function columnAt(event: MouseEvent, line: HTMLElement, left: number): number | null {
  if ((event.target as HTMLElement).closest('[role=rowheader]')) {
    return null;
  }
  const offset = event.clientX - line.getBoundingClientRect().left - left;
  return Math.max(0, Math.floor(offset / COLUMN_WIDTH));
}
