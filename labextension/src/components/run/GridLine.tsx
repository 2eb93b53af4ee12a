import type { VirtualItem } from '@tanstack/react-virtual';
import { memo } from 'react';

import type { IGridRun } from '../../api/types';
import { stateLabel } from '../../logic/states';
import { type IGridRow, rowState } from '../../logic/treeGrid';
import { Icon } from '../common/Icon';
import { useTrans } from '../common/trans';
import { GridCell } from './GridCell';

interface IGridLineProps {
  row: IGridRow;
  index: number;
  top: number;
  columns: VirtualItem[];
  runs: IGridRun[];
  /** What each run is called. */
  runLabels: string[];
  left: number;
  focusedColumn: number | null;
  selectedRunId: string | null;
  /** Ids of cells are this, the line and the column. */
  idPrefix: string;
}

/** A task, or a group of tasks, in all runs that are in sight. Clicks are the grid's business. */
export const GridLine = memo(function GridLine(props: IGridLineProps): JSX.Element {
  const { row, index, left, idPrefix } = props;
  const trans = useTrans();
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      data-row={index}
      className="jp-hubflow-GridLine"
      style={{ transform: `translateY(${props.top}px)` }}
    >
      <span
        role="rowheader"
        className="jp-hubflow-GridLine-name"
        style={{ width: left, paddingLeft: 8 + row.depth * 14 }}
        title={row.title}
      >
        {row.isGroup && <Icon name={row.isOpen ? 'chevron-down' : 'chevron-right'} size={12} />}
        <bdi>{row.label}</bdi>
      </span>
      {props.columns.map(({ index: column, start }) => {
        const run = props.runs[column];
        const state = run && rowState(row, run);
        return (
          run !== undefined &&
          state !== undefined && (
            <GridCell
              key={run.run.id}
              id={`${idPrefix}-${index}-${column}`}
              state={state}
              label={`${row.label}\n${props.runLabels[column] ?? ''} · ${stateLabel(state, trans)}`}
              left={left + start}
              isFocused={props.focusedColumn === column}
              isSelected={props.selectedRunId === run.run.run_id}
            />
          )
        );
      })}
    </div>
  );
});
