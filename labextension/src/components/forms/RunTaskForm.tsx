import { type FormEvent, useEffect, useRef, useState } from 'react';

import type { IRunTask, ITaskDependencies } from '../../api/types';
import { Button } from '../common/Button';
import { Modal } from '../common/Modal';
import { ErrorBanner, Skeleton } from '../common/Screens';
import { useTrans } from '../common/trans';

interface IRunTaskFormProps {
  taskId: string;
  /** What keeps it from running by itself. */
  onAsk: () => Promise<ITaskDependencies>;
  onRun: (body: IRunTask) => Promise<void>;
  onClose: () => void;
}

/** Run one task now: what is against it, and which of that to ignore. */
export function RunTaskForm(props: IRunTaskFormProps): JSX.Element {
  const { taskId, onClose } = props;
  const trans = useTrans();
  const [against, setAgainst] = useState<ITaskDependencies | null>(null);
  const [body, setBody] = useState<IRunTask>({});
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const ask = useRef(props.onAsk);
  useEffect(() => {
    let isCurrent = true;
    ask.current().then(
      found => isCurrent && setAgainst(found),
      () => isCurrent && setAgainst({ dependencies: [] })
    );
    return () => {
      isCurrent = false;
    };
  }, []);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await props.onRun(body);
      onClose();
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
      setBusy(false);
    }
  };
  const options: [Exclude<keyof IRunTask, 'map_index'>, string][] = [
    ['ignore_task_state', trans.__('Although it has succeeded or failed before')],
    ['ignore_task_deps', trans.__('Without waiting for the tasks before it')],
    ['ignore_all_deps', trans.__('Whatever is against it')]
  ];
  return (
    <Modal title={trans.__('Run %1 now', taskId)} onClose={onClose}>
      <form className="jp-hubflow-Form" onSubmit={event => void submit(event)}>
        <p>{trans.__('This runs 1 task instance of 1 run, and nothing that depends on it.')}</p>
        {against === null && <Skeleton lines={2} />}
        {against !== null && against.dependencies.length > 0 && (
          <section className="jp-hubflow-ChangeForm-touched" aria-live="polite">
            <strong>{trans.__('It does not run by itself, because:')}</strong>
            <ul>
              {against.dependencies.map(item => (
                <li key={`${item.name} ${item.reason}`} title={item.name}>
                  {item.reason}
                </li>
              ))}
            </ul>
          </section>
        )}
        <fieldset className="jp-hubflow-ChangeForm-reach">
          <legend>{trans.__('Run it')}</legend>
          {options.map(([name, label]) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={body[name] ?? false}
                onChange={event => setBody({ ...body, [name]: event.target.checked })}
              />{' '}
              {label}
            </label>
          ))}
        </fieldset>
        {error && <ErrorBanner what={trans.__('It was not started.')} error={error} />}
        <div className="jp-hubflow-Form-buttons">
          <Button onClick={onClose}>{trans.__('Cancel')}</Button>
          <Button look="primary" type="submit" isBusy={isBusy} isFirst>
            {trans.__('Run now')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
