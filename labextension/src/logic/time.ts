import type { ITrans } from '../tokens';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** Seconds between two ISO times; null when one is missing. */
export function secondsBetween(start: string | null, end: string | null): number | null {
  return start && end ? Math.max(0, (Date.parse(end) - Date.parse(start)) / 1000) : null;
}

/** A duration in its two largest units: "12 ms", "0.4 s", "4 min 12 s", "3 h 12 min", "2 d 4 h". */
export function formatDuration(seconds: number, trans: ITrans): string {
  if (seconds < 0.1) {
    return trans.__('%1 ms', Math.round(seconds * 1000));
  }
  if (seconds < 9.95) {
    return trans.__('%1 s', seconds.toFixed(1));
  }
  const whole = Math.round(seconds);
  if (whole < MINUTE) {
    return trans.__('%1 s', whole);
  }
  if (whole < HOUR) {
    return trans.__('%1 min %2 s', Math.floor(whole / MINUTE), whole % MINUTE);
  }
  if (whole < DAY) {
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    return trans.__('%1 h %2 min', Math.floor(whole / HOUR), minutes);
  }
  return trans.__('%1 d %2 h', Math.floor(whole / DAY), Math.floor((whole % DAY) / HOUR));
}

/** A time seen from now: "in 3 h 12 min", "5 min ago", "just now". */
export function relativeTime(iso: string, now: number, trans: ITrans): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 5) {
    return seconds > 0 ? trans.__('now') : trans.__('just now');
  }
  const words = coarse(distance, trans);
  return seconds > 0 ? trans.__('in %1', words) : trans.__('%1 ago', words);
}

/** How long until `relativeTime` says something else, in milliseconds. */
export function nextChangeMs(iso: string, now: number): number {
  const distance = Math.abs(Date.parse(iso) - now) / 1000;
  if (distance < 2 * MINUTE) {
    return 1000;
  }
  return distance < 2 * DAY ? 20_000 : 600_000;
}

/** Date and time in the reader's language; with seconds for tooltips. */
export function formatTime(iso: string, timeZone?: string, seconds = false): string {
  const timeStyle = seconds ? 'medium' : 'short';
  return formatter({ dateStyle: 'medium', timeStyle, hourCycle: 'h23', timeZone }).format(
    new Date(iso)
  );
}

/** The shortest useful form: the time today, weekday and time within a week, else the date. */
export function shortTime(iso: string, now: number, timeZone?: string): string {
  const date = new Date(iso);
  const days = Math.abs(date.getTime() - now) / 1000 / DAY;
  if (isSameDay(iso, new Date(now).toISOString(), timeZone)) {
    return clockTime(iso, timeZone);
  }
  const format: Intl.DateTimeFormatOptions =
    days < 6
      ? { weekday: 'short', ...CLOCK, timeZone }
      : { month: 'short', day: 'numeric', timeZone };
  return formatter(format).format(date);
}

/** Hours and minutes. */
export function clockTime(iso: string, timeZone?: string): string {
  return formatter({ ...CLOCK, timeZone }).format(new Date(iso));
}

/** Hours, minutes and seconds. */
export function preciseClock(iso: string, timeZone?: string): string {
  return formatter({ ...CLOCK, second: '2-digit', timeZone }).format(new Date(iso));
}

/** Whether two moments are of one day. */
export function isSameDay(one: string, other: string, timeZone?: string): boolean {
  return dayOf(new Date(one), timeZone) === dayOf(new Date(other), timeZone);
}

/** "Mon Nov 24 06:00" in the given zone; the year too when it is another than now. */
export function dueTime(iso: string, timeZone: string, now = Date.now()): string {
  const date = new Date(iso);
  const isThisYear = date.getUTCFullYear() === new Date(now).getUTCFullYear();
  const format = formatter({
    weekday: 'short',
    year: isThisYear ? undefined : 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone
  });
  return format.format(date).replace(/,/g, '');
}

/** The time zone of this browser. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** The moment that a wall clock in `timeZone` shows `local` ("2026-11-21T06:00"), as ISO UTC. */
export function zonedToIso(local: string, timeZone: string): string {
  const guess = Date.parse(`${local}:00Z`);
  const first = guess - zoneOffsetMs(guess, timeZone);
  return new Date(guess - zoneOffsetMs(first, timeZone)).toISOString();
}

/** What a wall clock in `timeZone` shows at this moment, as `datetime-local` wants it. */
export function isoToZoned(moment: number, timeZone: string): string {
  return new Date(moment + zoneOffsetMs(moment, timeZone)).toISOString().slice(0, 16);
}

function zoneOffsetMs(moment: number, timeZone: string): number {
  const parts = formatter({
    timeZone,
    numberingSystem: 'latn',
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric'
  }).formatToParts(moment);
  const part = (type: string): number => Number(parts.find(item => item.type === type)?.value);
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second')
  );
  return wall - Math.floor(moment / 1000) * 1000;
}

function dayOf(date: Date, timeZone?: string): string {
  return formatter({ year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).format(date);
}

function coarse(seconds: number, trans: ITrans): string {
  if (seconds < MINUTE) {
    return trans.__('%1 s', Math.round(seconds));
  }
  if (seconds < HOUR) {
    return trans.__('%1 min', Math.round(seconds / MINUTE));
  }
  if (seconds < DAY) {
    const minutes = Math.round((seconds % HOUR) / MINUTE) % 60;
    const hours = Math.round((seconds - minutes * MINUTE) / HOUR);
    return minutes ? trans.__('%1 h %2 min', hours, minutes) : trans.__('%1 h', hours);
  }
  const days = Math.round(seconds / DAY);
  return trans._n('%1 day', '%1 days', days);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** A formatter in the reader's language; making one takes longer than thousands of uses. */
function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let known = formatters.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(undefined, options);
    formatters.set(key, known);
  }
  return known;
}
