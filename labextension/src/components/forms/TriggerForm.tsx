import { type FormEvent, useEffect, useRef, useState } from 'react';

import type { IParam } from '../../api/types';
import { parseConf } from '../../logic/conf';
import { confOf, initialValues, refusedParam, valuesOf } from '../../logic/params';
import { Button } from '../common/Button';
import { Field } from '../common/Field';
import { Modal } from '../common/Modal';
import { ErrorBanner, Notice } from '../common/Screens';
import { useTrans } from '../common/trans';
import { ParamFields } from './ParamFields';

interface ITriggerFormProps {
  dagId: string;
  isPaused: boolean;
  /** Those of the DAG; each gets a field. */
  params: IParam[];
  /** The time zone of the DAG, in which dates are meant. */
  timezone: string;
  onTrigger: (conf: Record<string, unknown>, runId: string | null) => Promise<void>;
  onClose: () => void;
}

/** Ask for the configuration of a run, check it, and start the run. */
export function TriggerForm(props: ITriggerFormProps): JSX.Element {
  const { params, timezone } = props;
  const trans = useTrans();
  const [isForm, setForm] = useState(params.length > 0);
  const [values, setValues] = useState(() => initialValues(params, timezone));
  const [text, setText] = useState('');
  const [runId, setRunId] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [tries, setTries] = useState(0);
  const isTried = tries > 0;
  const form = useRef<HTMLFormElement>(null);
  // What was refused may stand below what is in sight.
  useEffect(() => {
    if (tries > 0) {
      form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
    }
  }, [tries, error]);
  const filled = confOf(params, values, timezone, trans);
  const isComplete = Object.keys(filled.problems).length === 0;
  const parsed = isForm ? { ok: isComplete, ...filled } : parseConf(text, trans);
  const refused = error && isForm ? refusedParam(error.message, params) : null;
  // Nobody is told to fill in what they have not come to yet.
  const problems = {
    ...(isTried ? filled.problems : withoutEmpty(filled.problems, values.fields)),
    ...(refused ? { [refused[0]]: refused[1] } : {})
  };

  const showForm = (wantsForm: boolean): void => {
    if (wantsForm === isForm) {
      return;
    }
    if (!wantsForm) {
      setText(Object.keys(filled.conf).length ? JSON.stringify(filled.conf, null, 2) : '');
    } else if (parsed.ok && 'conf' in parsed) {
      setValues(valuesOf(parsed.conf, params, timezone));
    }
    setForm(wantsForm);
  };

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTries(tries + 1);
    if (!parsed.ok || !('conf' in parsed) || isBusy) {
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
      <form
        ref={form}
        className="jp-hubflow-Form"
        noValidate
        onSubmit={event => void submit(event)}
      >
        {props.isPaused && (
          <Notice kind="warning">
            {trans.__(
              'This DAG is switched off: the run is queued and starts when it is on again.'
            )}
          </Notice>
        )}
        {params.length > 0 && (
          <ViewSwitch
            isForm={isForm}
            formReason={parsed.ok || isForm ? null : trans.__('Correct the configuration first.')}
            onChange={showForm}
          />
        )}
        {isForm ? (
          <ParamFields
            params={params}
            fields={values.fields}
            problems={problems}
            timezone={timezone}
            onChange={(name, field) => {
              setError(null);
              setValues({ ...values, fields: { ...values.fields, [name]: field } });
            }}
          />
        ) : (
          <Field
            label={trans.__('Configuration')}
            hint={trans.__('JSON object; tasks read it as dag_run.conf')}
            problem={'error' in parsed ? parsed.error : undefined}
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
        )}
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
        {error && !refused && (
          <ErrorBanner what={trans.__('The run was not started.')} error={error} />
        )}
        <div className="jp-hubflow-Form-buttons">
          <Button onClick={props.onClose}>{trans.__('Cancel')}</Button>
          <Button
            look="primary"
            type="submit"
            isBusy={isBusy}
            disabledReason={
              parsed.ok || (isForm && !isTried)
                ? null
                : trans.__('Correct the configuration first.')
            }
          >
            {trans.__('Trigger')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface IViewSwitchProps {
  isForm: boolean;
  /** Why the form cannot show what the JSON says. */
  formReason: string | null;
  onChange: (isForm: boolean) => void;
}

/** "Form | JSON": the same configuration in two ways. */
function ViewSwitch({ isForm, formReason, onChange }: IViewSwitchProps): JSX.Element {
  const trans = useTrans();
  return (
    <div
      className="jp-hubflow-ScheduleWhen-choice"
      role="radiogroup"
      aria-label={trans.__('Configuration as')}
    >
      <label title={formReason ?? undefined}>
        <input
          type="radio"
          name="view"
          checked={isForm}
          disabled={formReason !== null}
          onChange={() => onChange(true)}
        />{' '}
        {trans.__('Form')}
      </label>
      <label>
        <input type="radio" name="view" checked={!isForm} onChange={() => onChange(false)} />{' '}
        {trans.__('JSON')}
      </label>
    </div>
  );
}

function withoutEmpty(
  problems: Record<string, string>,
  fields: Readonly<Record<string, unknown>>
): Record<string, string> {
  return Object.fromEntries(Object.entries(problems).filter(([name]) => fields[name] !== ''));
}
