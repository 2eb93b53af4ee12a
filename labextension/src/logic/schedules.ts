import type { ITrans } from '../tokens';

export type When = 'now' | 'once' | 'repeat';
export type Preset = 'hourly' | 'daily' | 'weekdays' | 'weekly' | 'monthly' | 'custom';

/** When a notebook is to run, as the dialog holds it. */
export interface IScheduleForm {
  when: When;
  /** Wall clock of `timezone`, as an `<input type="datetime-local">` gives it. */
  at: string;
  preset: Preset;
  /** "06:00" */
  time: string;
  /** 0 is Sunday, as in cron. */
  weekday: number;
  monthDay: number;
  cron: string;
  timezone: string;
}

export const PRESETS: Preset[] = ['hourly', 'daily', 'weekdays', 'weekly', 'monthly', 'custom'];

export function presetLabel(preset: Preset, trans: ITrans): string {
  const labels: Record<Preset, string> = {
    hourly: trans.__('Every hour'),
    daily: trans.__('Every day'),
    weekdays: trans.__('Every weekday'),
    weekly: trans.__('Every week'),
    monthly: trans.__('Every month'),
    custom: trans.__('Cron expression')
  };
  return labels[preset];
}

export function weekdayLabel(weekday: number): string {
  // 2023-01-01 was a Sunday.
  const date = new Date(Date.UTC(2023, 0, 1 + weekday));
  return new Intl.DateTimeFormat(undefined, { weekday: 'long', timeZone: 'UTC' }).format(date);
}

/** The cron expression of a repeating schedule; empty while a field is incomplete. */
export function cronOf(form: IScheduleForm): string {
  if (form.preset === 'custom') {
    return form.cron.trim();
  }
  const match = /^(\d{1,2}):(\d{2})$/.exec(form.time);
  if (!match) {
    return '';
  }
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  const crons: Record<Exclude<Preset, 'custom'>, string> = {
    hourly: `${minute} * * * *`,
    daily: `${minute} ${hour} * * *`,
    weekdays: `${minute} ${hour} * * 1-5`,
    weekly: `${minute} ${hour} * * ${form.weekday}`,
    monthly: `${minute} ${hour} ${form.monthDay} * *`
  };
  return crons[form.preset];
}
