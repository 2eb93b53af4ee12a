import type { IGridRun } from '../../api/types';
import { stateLabel } from '../../logic/states';
import { formatTime } from '../../logic/time';
import { IconButton } from '../common/Button';
import { useTrans } from '../common/trans';

interface IRunPickerProps {
  runs: IGridRun[];
  shown: IGridRun | undefined;
  onPick: (runId: string) => void;
}

/** Which run the graph shows: a list, and steps to the older and the newer one. */
export function RunPicker({ runs, shown, onPick }: IRunPickerProps): JSX.Element | null {
  const trans = useTrans();
  if (!shown) {
    return <span className="jp-hubflow-RunPicker">{trans.__('no runs yet')}</span>;
  }
  const index = runs.findIndex(column => column.run.id === shown.run.id);
  const step = (by: number): void => {
    const next = runs[index + by];
    if (next) {
      onPick(next.run.run_id);
    }
  };
  return (
    <span className="jp-hubflow-RunPicker">
      <IconButton
        icon="chevron-left"
        label={trans.__('Older run')}
        disabledReason={index <= 0 ? trans.__('This is the oldest run loaded') : null}
        onClick={() => step(-1)}
      />
      <select
        aria-label={trans.__('Run')}
        value={shown.run.run_id}
        onChange={event => onPick(event.target.value)}
      >
        {[...runs].reverse().map(({ run }) => (
          <option key={run.id} value={run.run_id}>
            {`${formatTime(run.execution_date)} · ${stateLabel(run.state, trans)}`}
          </option>
        ))}
      </select>
      <IconButton
        icon="chevron-right"
        label={trans.__('Newer run')}
        disabledReason={index >= runs.length - 1 ? trans.__('This is the newest run') : null}
        onClick={() => step(1)}
      />
    </span>
  );
}
