import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';

import { Icon, type IconName } from './Icon';

export interface IMenuItem {
  label: string;
  onSelect: () => void;
  disabledReason?: string | null;
}

interface IMenuProps {
  icon: IconName;
  label: string;
  items: IMenuItem[];
}

/** A button that opens a short list of commands. */
export function Menu({ icon, label, items }: IMenuProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) {
      return undefined;
    }
    focusItem(root.current, 0);
    const onPointerDown = (event: PointerEvent): void => {
      if (!root.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => document.removeEventListener('pointerdown', onPointerDown);
  }, [isOpen]);

  const close = (): void => {
    setOpen(false);
    root.current?.querySelector('button')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      focusItem(root.current, step);
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.stopPropagation();
      close();
    }
  };
  return (
    <div className="jp-hubflow-Menu" ref={root}>
      <button
        type="button"
        className="jp-hubflow-IconButton"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
      </button>
      {isOpen && (
        <div id={id} role="menu" aria-label={label} onKeyDown={onKeyDown}>
          {items.map(item => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              aria-disabled={Boolean(item.disabledReason)}
              title={item.disabledReason ?? undefined}
              onClick={() => {
                if (!item.disabledReason) {
                  close();
                  item.onSelect();
                }
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Move the focus among the items; 0 goes to the first. */
function focusItem(root: HTMLElement | null, step: number): void {
  const items = [...(root?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  const index = items.indexOf(document.activeElement as HTMLElement);
  const next = step === 0 ? 0 : (index + step + items.length) % items.length;
  items[next]?.focus();
}
