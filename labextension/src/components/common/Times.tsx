import { useEffect, useState } from 'react';

import { formatDuration, formatTime, nextChangeMs, relativeTime } from '../../logic/time';
import { useTrans } from './trans';

/** "in 3 h 12 min", kept right while it is on the screen; the exact time is the tooltip. */
export function RelativeTime({ iso }: { iso: string }): JSX.Element {
  const trans = useTrans();
  const now = useNow(current => nextChangeMs(iso, current));
  return (
    <time dateTime={iso} title={formatTime(iso, undefined, true)}>
      {relativeTime(iso, now, trans)}
    </time>
  );
}

interface IElapsedProps {
  start: string;
  end: string | null;
}

/** How long something took, or has taken so far. */
export function Elapsed({ start, end }: IElapsedProps): JSX.Element {
  const trans = useTrans();
  const now = useNow(() => (end ? null : 1000));
  const until = end ? Date.parse(end) : Math.max(now, Date.parse(start));
  return <>{formatDuration((until - Date.parse(start)) / 1000, trans)}</>;
}

/** The time now, read again after as many milliseconds as `next` says; null stops. */
export function useNow(next: (now: number) => number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const delay = next(now);
    if (delay === null) {
      return undefined;
    }
    const timer = window.setTimeout(() => setNow(Date.now()), delay);
    return () => window.clearTimeout(timer);
  });
  return now;
}
