import type { ITaskPanel } from '../../api/types';
import { stateLabel } from '../../logic/states';
import { Button } from '../common/Button';
import { useTrans } from '../common/trans';

interface IInstancePickerProps {
  panel: ITaskPanel;
  onPick: (mapIndex: number) => void;
}

/** Which instance of a mapped task: a list by state, failed ones first, that can be typed into. */
export function InstancePicker({ panel, onPick }: IInstancePickerProps): JSX.Element | null {
  const trans = useTrans();
  const states = Object.entries(panel.instances).sort(
    ([one], [two]) => Number(two === 'failed') - Number(one === 'failed')
  );
  if (states.length === 0) {
    return null;
  }
  const shown = panel.cell.map_index;
  const failed = panel.instances.failed ?? [];
  const next = failed.find(index => index > shown) ?? failed[0];
  return (
    <div className="jp-hubflow-InstancePicker">
      <select
        aria-label={trans.__('Instance')}
        value={shown}
        onChange={event => onPick(Number(event.target.value))}
      >
        {states.map(([state, indexes]) => (
          <optgroup key={state} label={`${stateLabel(state, trans)} (${indexes.length})`}>
            {indexes.map(index => (
              <option key={index} value={index}>
                {`${index} · ${stateLabel(state, trans)}`}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {next !== undefined && next !== shown && (
        <Button look="link" onClick={() => onPick(next)}>
          {trans.__('Next failed (%1)', failed.length)}
        </Button>
      )}
    </div>
  );
}
