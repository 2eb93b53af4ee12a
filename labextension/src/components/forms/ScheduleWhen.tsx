import type { IScheduleReading } from '../../api/types';
import {
  type IScheduleForm,
  type Preset,
  presetLabel,
  PRESETS,
  weekdayLabel,
  type When
} from '../../logic/schedules';
import { dueTime } from '../../logic/time';
import { useTrans } from '../common/trans';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 0];

interface IScheduleWhenProps {
  form: IScheduleForm;
  zones: string[];
  reading: IScheduleReading | null;
  problems: Record<string, string>;
  onChange: (change: Partial<IScheduleForm>) => void;
}

/** Run now, once, or again and again; a repeating schedule is read back in words. */
export function ScheduleWhen(props: IScheduleWhenProps): JSX.Element {
  const { form, problems, onChange } = props;
  const trans = useTrans();
  const labels: Record<When, string> = {
    now: trans.__('Run now'),
    once: trans.__('Once at …'),
    repeat: trans.__('Repeat')
  };
  return (
    <fieldset className="jp-hubflow-ScheduleWhen">
      <legend>{trans.__('When')}</legend>
      <div className="jp-hubflow-ScheduleWhen-choice">
        {(['now', 'once', 'repeat'] as const).map(when => (
          <label key={when}>
            <input
              type="radio"
              name="hubflow-when"
              checked={form.when === when}
              data-autofocus={form.when === when || undefined}
              onChange={() => onChange({ when })}
            />
            {labels[when]}
          </label>
        ))}
      </div>
      {form.when !== 'now' && (
        <div className="jp-hubflow-ScheduleWhen-line">
          {form.when === 'once' ? (
            <input
              type="datetime-local"
              aria-label={trans.__('Date and time')}
              aria-invalid={'at' in problems}
              value={form.at}
              onChange={event => onChange({ at: event.target.value.slice(0, 16) })}
            />
          ) : (
            <RepeatFields {...props} />
          )}
          <ZoneField zone={form.timezone} zones={props.zones} onChange={onChange} />
        </div>
      )}
      <WhenNote {...props} />
    </fieldset>
  );
}

function RepeatFields({ form, problems, onChange }: IScheduleWhenProps): JSX.Element {
  const trans = useTrans();
  return (
    <>
      <select
        aria-label={trans.__('How often')}
        value={form.preset}
        onChange={event => onChange({ preset: event.target.value as Preset })}
      >
        {PRESETS.map(preset => (
          <option key={preset} value={preset}>
            {presetLabel(preset, trans)}
          </option>
        ))}
      </select>
      {form.preset === 'weekly' && (
        <select
          aria-label={trans.__('Day of the week')}
          value={form.weekday}
          onChange={event => onChange({ weekday: Number(event.target.value) })}
        >
          {WEEKDAYS.map(day => (
            <option key={day} value={day}>
              {weekdayLabel(day)}
            </option>
          ))}
        </select>
      )}
      {form.preset === 'monthly' && (
        <select
          aria-label={trans.__('Day of the month')}
          value={form.monthDay}
          onChange={event => onChange({ monthDay: Number(event.target.value) })}
        >
          {Array.from({ length: 28 }, (_, index) => (
            <option key={index} value={index + 1}>
              {trans.__('day %1', index + 1)}
            </option>
          ))}
        </select>
      )}
      {form.preset === 'custom' ? (
        <input
          type="text"
          className="jp-hubflow-mod-code"
          aria-label={trans.__('Cron expression')}
          aria-invalid={'schedule' in problems}
          placeholder="0 6 * * 1-5"
          spellCheck={false}
          value={form.cron}
          onChange={event => onChange({ cron: event.target.value })}
        />
      ) : (
        <>
          <span>{form.preset === 'hourly' ? trans.__('at minute') : trans.__('at')}</span>
          <TimeField form={form} onChange={onChange} />
        </>
      )}
    </>
  );
}

function TimeField({ form, onChange }: Pick<IScheduleWhenProps, 'form' | 'onChange'>): JSX.Element {
  const trans = useTrans();
  if (form.preset !== 'hourly') {
    return (
      <input
        type="time"
        aria-label={trans.__('Time of day')}
        value={form.time}
        onChange={event => onChange({ time: event.target.value })}
      />
    );
  }
  const [hour = '06', minute = '00'] = form.time.split(':');
  return (
    <input
      type="number"
      min={0}
      max={59}
      aria-label={trans.__('Minute of the hour')}
      value={Number(minute)}
      onChange={event => {
        const value = Math.min(59, Math.max(0, Number(event.target.value)));
        onChange({ time: `${hour}:${String(value).padStart(2, '0')}` });
      }}
    />
  );
}

interface IZoneFieldProps {
  zone: string;
  zones: string[];
  onChange: (change: Partial<IScheduleForm>) => void;
}

function ZoneField({ zone, zones, onChange }: IZoneFieldProps): JSX.Element {
  const trans = useTrans();
  const known = zones.includes(zone) ? zones : [zone, ...zones];
  return (
    <select
      aria-label={trans.__('Time zone')}
      value={zone}
      onChange={event => onChange({ timezone: event.target.value })}
    >
      {known.map(name => (
        <option key={name} value={name}>
          {name.replace(/_/g, ' ')}
        </option>
      ))}
    </select>
  );
}

function WhenNote({ form, reading, problems }: IScheduleWhenProps): JSX.Element {
  const trans = useTrans();
  const problem = form.when === 'once' ? problems.at : problems.schedule;
  if (problem) {
    return (
      <p className="jp-hubflow-Field-problem" role="alert">
        {problem}
      </p>
    );
  }
  if (form.when === 'now') {
    return <p>{trans.__('Starts as soon as a slot is free; nothing is repeated.')}</p>;
  }
  if (form.when === 'once') {
    return <p>{trans.__('Runs once and is then done.')}</p>;
  }
  return reading ? (
    <div className="jp-hubflow-ScheduleWhen-reading" role="status">
      <strong>{reading.reading}</strong>
      <ul aria-label={trans.__('Next times')}>
        {reading.next.slice(0, 5).map(time => (
          <li key={time}>{dueTime(time, reading.timezone)}</li>
        ))}
      </ul>
    </div>
  ) : (
    <p role="status">{trans.__('Reading the schedule …')}</p>
  );
}
