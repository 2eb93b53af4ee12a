import { type FormEvent, useEffect, useRef, useState } from 'react';

import type { IBackfillDates, ICreateBackfill } from '../../api/types';
import { backfillBody, dateNotes, type IBackfillForm, previewText } from '../../logic/backfills';
import { isoToZoned } from '../../logic/time';
import { Button } from '../common/Button';
import { Field } from '../common/Field';
import { Modal } from '../common/Modal';
import { ErrorBanner, Notice } from '../common/Screens';
import { useTrans } from '../common/trans';

const DAY_MS = 24 * 3_600_000;
const WEEK_MS = 7 * DAY_MS;
const TYPING_MS = 250;

interface IBackfillFormProps {
  dagId: string;
  /** The time zone of the DAG, in which the days are meant. */
  timezone: string;
  scheduleReading: string;
  onPreview: (body: ICreateBackfill) => Promise<IBackfillDates>;
  onCreate: (body: ICreateBackfill) => Promise<void>;
  onClose: () => void;
}

/** Ask for runs of past days, and say how many these are before they are made. */
export function BackfillForm(props: IBackfillFormProps): JSX.Element {
  const { dagId, timezone, onClose } = props;
  const trans = useTrans();
  const [opened] = useState(Date.now);
  const [form, setForm] = useState<IBackfillForm>({
    from: dayOf(opened - WEEK_MS, timezone),
    // Of today the interval goes on: run now, its schedule would leave it out later.
    to: dayOf(opened - DAY_MS, timezone),
    reprocess: 'none',
    isBackwards: false
  });
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const asked = backfillBody(dagId, timezone, form, opened, trans);
  const body = 'body' in asked ? asked.body : null;
  const preview = usePreview(body, props.onPreview);
  const change = (part: Partial<IBackfillForm>): void => {
    setError(null);
    setForm({ ...form, ...part });
  };

  const count = preview.dates?.backfills.filter(date => date.action !== 'leave').length ?? 0;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!body || count === 0 || isBusy) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await props.onCreate(body);
      onClose();
    } catch (reason) {
      setError(toError(reason));
      setBusy(false);
    }
  };
  const problem = 'problem' in asked ? asked.problem : undefined;
  return (
    <Modal title={trans.__('Backfill %1', dagId)} onClose={onClose}>
      <form className="jp-hubflow-Form" onSubmit={event => void submit(event)}>
        <p>
          {trans.__(
            'A run for each date of the schedule: %1 (%2).',
            props.scheduleReading,
            timezone
          )}
        </p>
        <div className="jp-hubflow-BackfillForm-days">
          <Field label={trans.__('From')} problem={problem}>
            {input => (
              <input
                {...input}
                data-autofocus
                type="date"
                value={form.from}
                onChange={event => change({ from: event.target.value })}
              />
            )}
          </Field>
          <Field label={trans.__('To')}>
            {input => (
              <input
                {...input}
                type="date"
                value={form.to}
                onChange={event => change({ to: event.target.value })}
              />
            )}
          </Field>
        </div>
        <Field label={trans.__('Runs that exist and are over')}>
          {input => (
            <select
              {...input}
              value={form.reprocess}
              onChange={event =>
                change({ reprocess: event.target.value as IBackfillForm['reprocess'] })
              }
            >
              <option value="none">{trans.__('leave them')}</option>
              <option value="failed">{trans.__('run their failed tasks again')}</option>
              <option value="completed">{trans.__('run all their tasks again')}</option>
            </select>
          )}
        </Field>
        <label>
          <input
            type="checkbox"
            checked={form.isBackwards}
            onChange={event => change({ isBackwards: event.target.checked })}
          />{' '}
          {trans.__('Newest first')}
        </label>
        <div aria-live="polite">
          {preview.error && <ErrorBanner what={trans.__('Not possible:')} error={preview.error} />}
          {!preview.error && !problem && (
            <Notice>
              {preview.dates ? previewText(preview.dates, trans) : trans.__('Counting the runs …')}
            </Notice>
          )}
          {preview.dates &&
            dateNotes(preview.dates, trans).map(text => (
              <Notice key={text} kind="warning">
                {text}
              </Notice>
            ))}
        </div>
        {error && <ErrorBanner what={trans.__('The backfill was not started.')} error={error} />}
        <div className="jp-hubflow-Form-buttons">
          <Button onClick={onClose}>{trans.__('Cancel')}</Button>
          <Button
            look="primary"
            type="submit"
            isBusy={isBusy}
            disabledReason={count > 0 ? null : trans.__('There is no run to make.')}
          >
            {trans.__('Start the backfill')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface IPreview {
  dates: IBackfillDates | null;
  error: Error | null;
}

/** What a backfill would do; asked for when nobody has typed for a moment. */
function usePreview(
  body: ICreateBackfill | null,
  onPreview: IBackfillFormProps['onPreview']
): IPreview {
  const [found, setFound] = useState<IPreview>({ dates: null, error: null });
  const ask = useRef(onPreview);
  const text = body && JSON.stringify(body);
  useEffect(() => {
    setFound({ dates: null, error: null });
    if (text === null) {
      return undefined;
    }
    let isCurrent = true;
    const timer = window.setTimeout(() => {
      ask.current(JSON.parse(text) as ICreateBackfill).then(
        dates => isCurrent && setFound({ dates, error: null }),
        (reason: unknown) => isCurrent && setFound({ dates: null, error: toError(reason) })
      );
    }, TYPING_MS);
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [text]);
  return found;
}

function dayOf(moment: number, timezone: string): string {
  return isoToZoned(moment, timezone).slice(0, 10);
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
