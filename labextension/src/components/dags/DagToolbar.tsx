import { type RefObject, useEffect, useState } from 'react';

import { stateLabel } from '../../logic/states';
import { Icon } from '../common/Icon';
import { useTrans } from '../common/trans';

const TYPING_MS = 200;
const STATES = ['failed', 'running', 'queued', 'success'];

interface IDagToolbarProps {
  search: string;
  state: string | null;
  onChange: (change: { search?: string; state?: string | null }) => void;
  inputRef: RefObject<HTMLInputElement>;
}

/** Filter by name and by the state of the last run. */
export function DagToolbar({ search, state, onChange, inputRef }: IDagToolbarProps): JSX.Element {
  const trans = useTrans();
  const [text, setText] = useState(search);
  useEffect(() => setText(search), [search]);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      if (text !== search) {
        onChange({ search: text });
      }
    }, TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [text, search, onChange]);

  return (
    <div className="jp-hubflow-DagToolbar">
      <label className="jp-hubflow-DagToolbar-search">
        <Icon name="search" size={14} />
        <input
          ref={inputRef}
          type="search"
          placeholder={trans.__('Filter')}
          aria-label={trans.__('Filter DAGs by name')}
          title={trans.__('Press / to filter')}
          value={text}
          onChange={event => setText(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Escape' && text) {
              event.stopPropagation();
              setText('');
            }
          }}
        />
      </label>
      <select
        aria-label={trans.__('Filter by the state of the last run')}
        value={state ?? ''}
        onChange={event => onChange({ state: event.target.value || null })}
      >
        <option value="">{trans.__('any state')}</option>
        {STATES.map(name => (
          <option key={name} value={name}>
            {stateLabel(name, trans)}
          </option>
        ))}
      </select>
    </div>
  );
}
