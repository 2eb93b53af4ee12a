import { useState } from 'react';

import type { ITaskPanel } from '../../api/types';
import { stateLabel } from '../../logic/states';
import { Button } from '../common/Button';
import { useTrans } from '../common/trans';

/** A longer list is slow, and nobody reads it. */
const LISTED = 200;

interface IInstancePickerProps {
  panel: ITaskPanel;
  onPick: (mapIndex: number) => void;
}

/** Which instance of a mapped task: a list by state, or of very many their numbers. */
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
  const count = states.reduce((sum, [, indexes]) => sum + indexes.length, 0);
  return (
    <div className="jp-hubflow-InstancePicker">
      {count > LISTED ? (
        <Finder key={shown} states={states} count={count} shown={shown} onPick={onPick} />
      ) : (
        <select
          aria-label={trans.__('Instance')}
          value={shown}
          onChange={event => onPick(Number(event.target.value))}
        >
          {states.map(([state, indexes]) => (
            <optgroup key={state} label={`${stateLabel(state, trans)} (${indexes.length})`}>
              {indexes.map(index => (
                <option key={index} value={index}>
                  {[index, panel.instance_names[index], stateLabel(state, trans)]
                    .filter(part => part !== undefined)
                    .join(' · ')}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
      {next !== undefined && next !== shown && (
        <Button look="link" onClick={() => onPick(next)}>
          {trans.__('Next failed (%1)', failed.length)}
        </Button>
      )}
    </div>
  );
}

interface IFinderProps {
  states: [string, number[]][];
  count: number;
  shown: number;
  onPick: (mapIndex: number) => void;
}

/** One of very many instances: by its number, or the first in a state. */
function Finder({ states, count, shown, onPick }: IFinderProps): JSX.Element {
  const trans = useTrans();
  const [text, setText] = useState(String(shown));
  const current = states.find(([, indexes]) => indexes.includes(shown))?.[0] ?? '';
  const asked = text.trim() === '' ? null : Number(text);
  const isThere = asked !== null && states.some(([, indexes]) => indexes.includes(asked));
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        if (isThere) {
          onPick(asked);
        }
      }}
    >
      <label>
        {trans.__('Instance')}{' '}
        <input
          type="number"
          min={0}
          step={1}
          value={text}
          aria-invalid={!isThere}
          onChange={event => setText(event.target.value)}
        />
      </label>
      <Button
        type="submit"
        disabledReason={isThere ? null : trans.__('No instance has this number.')}
      >
        {trans.__('Show')}
      </Button>
      <select
        aria-label={trans.__('First instance in a state')}
        value={current}
        onChange={event => {
          const [first] = states.find(([state]) => state === event.target.value)?.[1] ?? [];
          if (first !== undefined) {
            onPick(first);
          }
        }}
      >
        {states.map(([state, indexes]) => (
          <option key={state} value={state}>
            {`${stateLabel(state, trans)} (${indexes.length})`}
          </option>
        ))}
      </select>
      <span role="status">
        {isThere
          ? trans.__('%1 instances', count)
          : trans.__('There is no instance with this number.')}
      </span>
    </form>
  );
}
