import { knownState, stateIcon, stateLabel } from '../../logic/states';
import { Icon } from './Icon';
import { useTrans } from './trans';

interface IStateProps {
  state: string;
}

/** Icon and word of a state, in its colour. */
export function StateBadge({ state }: IStateProps): JSX.Element {
  const trans = useTrans();
  return (
    <span className="jp-hubflow-StateBadge" data-state={knownState(state)}>
      <Icon name={stateIcon(state)} size={14} />
      {stateLabel(state, trans)}
    </span>
  );
}

/** Icon of a state where a word does not fit; the word is its label. */
export function StateDot({ state }: IStateProps): JSX.Element {
  const label = stateLabel(state, useTrans());
  return (
    <span
      className="jp-hubflow-StateDot"
      data-state={knownState(state)}
      role="img"
      aria-label={label}
      title={label}
    >
      <Icon name={stateIcon(state)} size={14} />
    </span>
  );
}
