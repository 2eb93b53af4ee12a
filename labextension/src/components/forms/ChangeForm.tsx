import { type FormEvent, useEffect, useRef, useState } from 'react';

import type { ITouched } from '../../api/types';
import { instanceName, type IReach, touchedText } from '../../logic/changes';
import { formatTime } from '../../logic/time';
import { Button } from '../common/Button';
import { Modal } from '../common/Modal';
import { ErrorBanner, Skeleton } from '../common/Screens';
import { StateBadge } from '../common/State';
import { useTrans } from '../common/trans';

const SHOWN = 8;

/** The words of one kind of change. */
interface IChangeWords {
  title: string;
  button: string;
  failed: string;
  /** What happens although no task instance is touched; without it nothing can be done then. */
  untouched?: string;
}

interface IChangeFormProps {
  words: IChangeWords;
  /** How far it may reach, in the order in which it is asked. */
  options: (keyof IReach)[];
  initial: IReach;
  /** List what would be touched, changing nothing. */
  onPreview: (reach: IReach) => Promise<ITouched>;
  /** Do it; `listed` is the preview that was on the screen. */
  onChange: (reach: IReach, listed: ITouched) => Promise<void>;
  onClose: () => void;
}

/** Clear or mark: how far that reaches, and what it touches, before it is done. */
export function ChangeForm(props: IChangeFormProps): JSX.Element {
  const { words, onPreview } = props;
  const trans = useTrans();
  const [reach, setReach] = useState(props.initial);
  const [listed, setListed] = useState<ITouched | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);

  // The caller makes it anew each time; what counts is how far it reaches.
  const preview = useRef(onPreview);
  useEffect(() => {
    let isCurrent = true;
    setListed(null);
    setError(null);
    preview.current(reach).then(
      touched => isCurrent && setListed(touched),
      (reason: unknown) => isCurrent && setError(toError(reason))
    );
    return () => {
      isCurrent = false;
    };
  }, [reach, attempt]);

  const isPossible = listed !== null && (listed.total_entries > 0 || Boolean(words.untouched));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy || !isPossible) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await props.onChange(reach, listed);
      props.onClose();
    } catch (reason) {
      setError(toError(reason));
      setBusy(false);
    }
  };
  return (
    <Modal title={words.title} onClose={props.onClose}>
      <form className="jp-hubflow-Form" onSubmit={event => void submit(event)}>
        {props.options.length > 0 && (
          <Reach options={props.options} reach={reach} onChange={setReach} />
        )}
        {listed ? (
          <Touched touched={listed} untouched={words.untouched} />
        ) : (
          !error && <Skeleton lines={3} />
        )}
        {error && (
          <ErrorBanner
            what={words.failed}
            error={error}
            onRetry={listed ? undefined : () => setAttempt(attempt + 1)}
          />
        )}
        <div className="jp-hubflow-Form-buttons">
          <Button onClick={props.onClose}>{trans.__('Cancel')}</Button>
          <Button
            look="primary"
            type="submit"
            isBusy={isBusy}
            isFirst
            disabledReason={isPossible || !listed ? null : trans.__('This touches nothing.')}
          >
            {words.button}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface IReachProps {
  options: (keyof IReach)[];
  reach: IReach;
  onChange: (reach: IReach) => void;
}

function Reach({ options, reach, onChange }: IReachProps): JSX.Element {
  const trans = useTrans();
  const labels: Record<keyof IReach, string> = {
    past: trans.__('In earlier runs, too'),
    future: trans.__('In later runs, too'),
    upstream: trans.__('What it depends on, too'),
    downstream: trans.__('What depends on it, too'),
    recursive: trans.__('Runs of other DAGs that belong to it, too'),
    onlyFailed: trans.__('Only what failed')
  };
  return (
    <fieldset className="jp-hubflow-ChangeForm-reach">
      <legend>{trans.__('How far')}</legend>
      {options.map(name => (
        <label key={name}>
          <input
            type="checkbox"
            checked={reach[name]}
            onChange={event => onChange({ ...reach, [name]: event.target.checked })}
          />{' '}
          {labels[name]}
        </label>
      ))}
    </fieldset>
  );
}

interface ITouchedProps {
  touched: ITouched;
  untouched: string | undefined;
}

/** "Touches 14 task instances of 2 runs", and which ones. */
function Touched({ touched, untouched }: ITouchedProps): JSX.Element {
  const trans = useTrans();
  const shown = touched.task_instances.slice(0, SHOWN);
  const more = touched.total_entries - shown.length;
  return (
    <section aria-live="polite" className="jp-hubflow-ChangeForm-touched">
      <strong>
        {touched.total_entries
          ? trans.__('This touches %1:', touchedText(touched, trans))
          : (untouched ?? trans.__('This touches nothing.'))}
      </strong>
      <ul>
        {shown.map(item => (
          <li key={`${item.dag_id} ${item.dag_run_id} ${item.task_id} ${item.map_index}`}>
            <StateBadge state={item.state ?? 'none'} /> <bdi>{instanceName(item)}</bdi>{' '}
            <span title={`${item.dag_id}\n${item.dag_run_id}`}>
              {item.dag_id !== shown[0]?.dag_id && `${item.dag_id} · `}
              {formatTime(item.execution_date)}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && <p>{trans._n('and %1 more', 'and %1 more', more)}</p>}
    </section>
  );
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
