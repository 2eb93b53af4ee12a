/** What the events of React and of the browser have in common. */
interface IKeyPress {
  key: string;
  target: EventTarget | null;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  defaultPrevented: boolean;
}

/** Whether a key was pressed as a shortcut: not into a field, and nobody has dealt with it yet. */
export function isShortcut(event: IKeyPress, key: string): boolean {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  return event.key === key && isPlain && !event.defaultPrevented && !isField(event.target);
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, textarea, select');
}
