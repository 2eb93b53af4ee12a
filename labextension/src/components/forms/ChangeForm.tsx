import { type FormEvent, useEffect, useRef, useState } from 'react';

import type { ITouched } from '../../api/types';
import {
  instanceName,
  type IReach,
  type TaskChange,
  touchedText,
  usualReach
} from '../../logic/changes';
import type { ITrans } from '../../tokens';
import { Button } from '../common/Button';
import { Modal } from '../common/Modal';
import { ErrorBanner, Skeleton } from '../common/Screens';
import { StateBadge } from '../common/State';
import { useTrans } from '../common/trans';

const SHOWN = 12;

interface IChangeFormProps {
  taskId: string;
  change: TaskChange;
  /** List what would be touched, changing nothing. */
  onPreview: (reach: IReach) => Promise<ITouched>;
  onChange: (reach: IReach) => Promise<ITouched>;
  onClose: () => void;
}

/** Clear or mark a task: how far that reaches, and what it touches, before it is done. */
export function ChangeForm(props: IChangeFormProps): JSX.Element {
  const { taskId, change, onPreview } = props;
  const trans = useTrans();
  const [reach, setReach] = useState(usualReach(change));
  const [listed, setListed] = useState<ITouched | null>(null);
  const [done, setDone] = useState<ITouched | null>(null);
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
  }, [reach]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy || !listed?.total_entries) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      setDone(await props.onChange(reach));
    } catch (reason) {
      setError(toError(reason));
    }
    setBusy(false);
  };
  const words = wordsOf(change, taskId, trans);
  return (
    <Modal title={words.title} onClose={props.onClose}>
      <form className="jp-hubflow-Form" onSubmit={event => void submit(event)}>
        {done ? (
          <p role="status">{trans.__('%1: %2.', words.done, touchedText(done, trans))}</p>
        ) : (
          <>
            <Reach change={change} reach={reach} onChange={setReach} />
            {listed ? <Touched touched={listed} /> : !error && <Skeleton lines={3} />}
          </>
        )}
        {error && <ErrorBanner what={words.failed} error={error} />}
        <div className="jp-hubflow-Form-buttons">
          <Button isFirst={done !== null} onClick={props.onClose}>
            {done ? trans.__('Close') : trans.__('Cancel')}
          </Button>
          {!done && (
            <Button
              look="primary"
              type="submit"
              isBusy={isBusy}
              disabledReason={listed?.total_entries ? null : trans.__('This touches nothing.')}
            >
              {words.button}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

interface IReachProps {
  change: TaskChange;
  reach: IReach;
  onChange: (reach: IReach) => void;
}

function Reach({ change, reach, onChange }: IReachProps): JSX.Element {
  const trans = useTrans();
  const options: [keyof IReach, string][] = [
    ['past', trans.__('In earlier runs, too')],
    ['future', trans.__('In later runs, too')],
    ['upstream', trans.__('What it depends on, too')],
    ['downstream', trans.__('What depends on it, too')]
  ];
  if (change === 'clear') {
    options.push(
      ['recursive', trans.__('Runs of other DAGs that belong to it, too')],
      ['onlyFailed', trans.__('Only what failed')]
    );
  }
  return (
    <fieldset className="jp-hubflow-ChangeForm-reach">
      <legend>{trans.__('How far')}</legend>
      {options.map(([name, label]) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={reach[name]}
            onChange={event => onChange({ ...reach, [name]: event.target.checked })}
          />{' '}
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/** "Touches 14 task instances of 2 runs", and which ones. */
function Touched({ touched }: { touched: ITouched }): JSX.Element {
  const trans = useTrans();
  const shown = touched.task_instances.slice(0, SHOWN);
  const more = touched.total_entries - shown.length;
  return (
    <section aria-live="polite" className="jp-hubflow-ChangeForm-touched">
      <strong>
        {touched.total_entries
          ? trans.__('This touches %1:', touchedText(touched, trans))
          : trans.__('This touches nothing.')}
      </strong>
      <ul>
        {shown.map(item => (
          <li key={`${item.dag_id} ${item.dag_run_id} ${item.task_id} ${item.map_index}`}>
            <StateBadge state={item.state ?? 'none'} /> <bdi>{instanceName(item)}</bdi>{' '}
            <span title={item.dag_run_id}>
              {item.dag_id} {item.dag_run_id}
            </span>
          </li>
        ))}
        {more > 0 && <li>{trans._n('and %1 more', 'and %1 more', more)}</li>}
      </ul>
    </section>
  );
}

interface IWords {
  title: string;
  button: string;
  done: string;
  failed: string;
}

function wordsOf(change: TaskChange, taskId: string, trans: ITrans): IWords {
  if (change === 'clear') {
    return {
      title: trans.__('Clear %1 and run it again', taskId),
      button: trans.__('Clear'),
      done: trans.__('Cleared'),
      failed: trans.__('Nothing was cleared.')
    };
  }
  return {
    title:
      change === 'success'
        ? trans.__('Mark %1 as success', taskId)
        : trans.__('Mark %1 as failed', taskId),
    button: trans.__('Mark'),
    done: trans.__('Changed'),
    failed: trans.__('Nothing was marked.')
  };
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
