import { memo } from 'react';

import { knownState, stateIcon } from '../../logic/states';
import { Icon } from '../common/Icon';

/** States whose cell carries a picture; the others are told apart by their fill. */
const WITH_ICON = new Set(['failed', 'running', 'up_for_reschedule', 'deferred', 'queued']);

interface IGridCellProps {
  id: string;
  state: string;
  label: string;
  left: number;
  isFocused: boolean;
  isSelected: boolean;
}

/** One task in one run. */
export const GridCell = memo(function GridCell(props: IGridCellProps): JSX.Element {
  const { id, state, label, left, isFocused, isSelected } = props;
  return (
    <span
      id={id}
      role="gridcell"
      aria-label={label}
      aria-selected={isSelected}
      title={label}
      className="jp-hubflow-GridCell"
      data-state={knownState(state)}
      data-focused={isFocused}
      style={{ left }}
    >
      {WITH_ICON.has(state) && <Icon name={stateIcon(state)} size={12} />}
    </span>
  );
});
