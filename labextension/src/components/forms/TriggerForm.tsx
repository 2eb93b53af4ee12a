import { type FormEvent, useState } from 'react';

import { parseConf } from '../../logic/conf';
import { Button } from '../common/Button';
import { Field } from '../common/Field';
import { Modal } from '../common/Modal';
import { ErrorBanner, Notice } from '../common/Screens';
import { useTrans } from '../common/trans';

interface ITriggerFormProps {
  dagId: string;
  isPaused: boolean;
  /** Configuration to start from, such as that of the last manual run. */
  initialConf: string;
  onTrigger: (conf: Record<string, unknown>, runId: string | null) => Promise<void>;
  onClose: () => void;
}

/** Ask for the configuration of a run, check it, and start the run. */
export function TriggerForm(props: ITriggerFormProps): JSX.Element {
  const trans = useTrans();
  const [text, setText] = useState(props.initialConf);
  const [runId, setRunId] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const parsed = parseConf(text, trans);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!parsed.ok || isBusy) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await props.onTrigger(parsed.conf, runId.trim() || null);
      props.onClose();
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
      setBusy(false);
    }
  };
  return (
    <Modal title={trans.__('Trigger %1', props.dagId)} onClose={props.onClose}>
      <form className="jp-hubflow-Form" onSubmit={event => void submit(event)}>
        {props.isPaused && (
          <Notice kind="warning">
            {trans.__(
              'This DAG is switched off: the run is queued and starts when it is on again.'
            )}
          </Notice>
        )}
        <Field
          label={trans.__('Configuration')}
          hint={trans.__('JSON object; tasks read it as dag_run.conf')}
          problem={parsed.ok ? undefined : parsed.error}
        >
          {input => (
            <textarea
              {...input}
              data-autofocus
              rows={7}
              spellCheck={false}
              className="jp-hubflow-mod-code"
              placeholder={'{"month": "2026-11"}'}
              value={text}
              onChange={event => setText(event.target.value)}
              onKeyDown={event => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                  void submit(event);
                }
              }}
            />
          )}
        </Field>
        <Field label={trans.__('Run id')} hint={trans.__('left empty, one is made from the time')}>
          {input => (
            <input
              {...input}
              type="text"
              value={runId}
              onChange={event => setRunId(event.target.value)}
            />
          )}
        </Field>
        {error && <ErrorBanner what={trans.__('The run was not started.')} error={error} />}
        <div className="jp-hubflow-Form-buttons">
          <Button onClick={props.onClose}>{trans.__('Cancel')}</Button>
          <Button
            look="primary"
            type="submit"
            isBusy={isBusy}
            disabledReason={parsed.ok ? null : trans.__('Correct the configuration first.')}
          >
            {trans.__('Trigger')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
