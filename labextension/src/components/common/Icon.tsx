import type { StateIcon } from '../../logic/states';

/** Drawn on a grid of 16 with strokes in the colour of the text. */
const STROKES: Record<string, string> = {
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  'broken-link':
    'M6.5 9.5L4.8 11.2a2 2 0 0 1-2.9-2.9L4 6.2M9.5 6.5l1.7-1.7a2 2 0 0 1 2.9 2.9L12 9.8M5 2.5l.8 1.8M11 13.5l-.8-1.8',
  retry: 'M12.8 8a4.8 4.8 0 1 1-1.5-3.5M12.8 2.2v2.9H9.9',
  clock: 'M8 2.7a5.3 5.3 0 1 0 0 10.6A5.3 5.3 0 0 0 8 2.7zM8 5.2V8l2 1.6',
  hourglass: 'M4.5 2.5h7M4.5 13.5h7M5.2 2.5v2.2L8 8l2.8-3.3V2.5M5.2 13.5v-2.2L8 8l2.8 3.3v2.2',
  skip: 'M3.5 4v8L9 8zM12 4v8',
  dash: 'M4 8h8',
  plus: 'M8 3.2v9.6M3.2 8h9.6',
  refresh: 'M12.8 8a4.8 4.8 0 1 1-1.5-3.5M12.8 2.2v2.9H9.9',
  search: 'M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4zM10.2 10.2l3.3 3.3',
  warning: 'M8 2.6L14 13H2zM8 6.5v3M8 11.2v.1',
  'chevron-right': 'M6 3.8L10.2 8 6 12.2',
  'chevron-down': 'M3.8 6L8 10.2 12.2 6',
  'chevron-left': 'M10 3.8L5.8 8l4.2 4.2',
  close: 'M4 4l8 8M12 4l-8 8',
  download: 'M8 2.5v7.3M4.9 7L8 10.1 11.1 7M3 13h10',
  wrap: 'M2.5 4h11M2.5 8h8.7a2.2 2.2 0 0 1 0 4.4H8.5M10 10.8l-1.7 1.6 1.7 1.6M2.5 12h3',
  'to-end': 'M3.8 2.5L8 6.2l4.2-3.7M3.8 6.8L8 10.5l4.2-3.7M3.5 13.3h9',
  external: 'M9.5 2.8h3.7v3.7M13 3L7.7 8.3M11.5 9.3v3.4H3.3V4.5h3.4',
  calendar: 'M2.8 4h10.4v9.2H2.8zM2.8 7h10.4M5.5 2.4v2.8M10.5 2.4v2.8',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1',
  moon: 'M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z',
  fit: 'M2.8 6V2.8H6M10 2.8h3.2V6M13.2 10v3.2H10M6 13.2H2.8V10',
  offline:
    'M2 2l12 12M5.2 8.6a4.4 4.4 0 0 1 1.9-1M10.9 8.6l-.6-.4M2.9 6.2a7.6 7.6 0 0 1 2-1.3M13.1 6.2a7.6 7.6 0 0 0-4.7-1.8M8 11.8v.1',
  setup: 'M8 11V3M4.8 6.2L8 3l3.2 3.2M3 13.3h10',
  teardown: 'M8 2.7v8M4.8 7.6L8 10.8l3.2-3.2M3 13.3h10',
  file: 'M4 2.3h5l3 3v8.4H4zM9 2.3v3h3'
};
const FILLS: Record<string, string> = {
  play: 'M5 3.2v9.6L12.6 8z',
  dot: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z',
  more: 'M3.5 6.9a1.1 1.1 0 1 0 0 2.2 1.1 1.1 0 0 0 0-2.2zm4.5 0a1.1 1.1 0 1 0 0 2.2 1.1 1.1 0 0 0 0-2.2zm4.5 0a1.1 1.1 0 1 0 0 2.2 1.1 1.1 0 0 0 0-2.2z'
};

export type IconName =
  | StateIcon
  | 'plus'
  | 'refresh'
  | 'search'
  | 'warning'
  | 'chevron-right'
  | 'chevron-down'
  | 'chevron-left'
  | 'close'
  | 'download'
  | 'wrap'
  | 'to-end'
  | 'external'
  | 'calendar'
  | 'sun'
  | 'moon'
  | 'fit'
  | 'offline'
  | 'file'
  | 'setup'
  | 'teardown'
  | 'more';

interface IIconProps {
  name: IconName;
  size?: number;
  className?: string;
}

/** A picture beside words that say the same; screen readers skip it. */
export function Icon({ name, size = 16, className = '' }: IIconProps): JSX.Element {
  const fill = FILLS[name];
  return (
    <svg
      className={`jp-hubflow-Icon ${className}`}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
    >
      {fill ? (
        <path d={fill} fill="currentColor" />
      ) : (
        <path
          d={STROKES[name]}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}
