import { type KeyboardEvent, useEffect, useLayoutEffect, useRef } from 'react';

export interface IMenuItem {
  label: string;
  onSelect: () => void;
  disabledReason?: string | null;
  /** A line above it parts it from the items before. */
  startsGroup?: boolean;
}

/** Where a menu opens, in pixels of the window: its corner, left or right of which it lies. */
export interface IMenuPlace {
  x: number;
  y: number;
  align?: 'start' | 'end';
}

interface IMenuPopupProps {
  label: string;
  items: IMenuItem[];
  at: IMenuPlace;
  /** Presses on this element do not close it: it is the button that does. */
  opener?: HTMLElement | null;
  id?: string;
  onClose: () => void;
}

const MARGIN = 4;

/** A short list of commands over everything else; the focus goes in, and back when it closes. */
export function MenuPopup({
  label,
  items,
  at,
  opener = null,
  id,
  onClose
}: IMenuPopupProps): JSX.Element {
  const root = useRef<HTMLDivElement>(null);
  const before = useRef(document.activeElement);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useLayoutEffect(() => {
    const element = root.current;
    if (element) {
      showOnTop(element);
      place(element, at);
      focusItem(element, 0);
    }
  }, [at]);
  useEffect(() => {
    const onPress = (event: Event): void => {
      const target = event.target as Node;
      if (!root.current?.contains(target) && !opener?.contains(target)) {
        close.current();
      }
    };
    const onMove = (): void => close.current();
    document.addEventListener('pointerdown', onPress, true);
    document.addEventListener('wheel', onPress, true);
    window.addEventListener('resize', onMove);
    window.addEventListener('blur', onMove);
    return () => {
      document.removeEventListener('pointerdown', onPress, true);
      document.removeEventListener('wheel', onPress, true);
      window.removeEventListener('resize', onMove);
      window.removeEventListener('blur', onMove);
    };
  }, [opener]);

  const leave = (): void => {
    onClose();
    if (before.current instanceof HTMLElement || before.current instanceof SVGElement) {
      before.current.focus();
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Keys typed here are no shortcuts of the page below.
    event.stopPropagation();
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, Home: 0, End: -Infinity };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      focusItem(root.current, step);
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      leave();
    }
  };
  return (
    <div
      ref={root}
      id={id}
      role="menu"
      aria-label={label}
      className="jp-hubflow-MenuPopup"
      // The top layer: nothing on the page clips it. React 18 does not know the attribute.
      {...{ popover: 'manual' }}
      onKeyDown={onKeyDown}
      onContextMenu={event => {
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {items.map(item => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          data-group={item.startsGroup}
          aria-disabled={Boolean(item.disabledReason)}
          title={item.disabledReason ?? undefined}
          onClick={event => {
            event.stopPropagation();
            if (!item.disabledReason) {
              leave();
              item.onSelect();
            }
          }}
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}

/** Whether a key asks for the menu of what has the focus. */
export function isMenuKey(event: { key: string; shiftKey: boolean }): boolean {
  return event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);
}

/** The place of a menu that belongs to an element: below its left edge. */
export function belowElement(element: Element | null): IMenuPlace {
  const box = element?.getBoundingClientRect();
  return { x: box?.left ?? 0, y: box?.bottom ?? 0 };
}

function showOnTop(element: HTMLElement): void {
  // Not in the browser without windows that the unit tests use.
  if ('showPopover' in element && !element.matches(':popover-open')) {
    element.showPopover();
  }
}

/** At the place, but inside of the window. */
function place(element: HTMLElement, { x, y, align }: IMenuPlace): void {
  const { offsetWidth: width, offsetHeight: height } = element;
  const left = align === 'end' ? x - width : x;
  const top = y + height > window.innerHeight ? Math.max(y - height, MARGIN) : y;
  element.style.left = `${Math.max(MARGIN, Math.min(left, window.innerWidth - width - MARGIN))}px`;
  element.style.top = `${Math.max(MARGIN, Math.min(top, window.innerHeight - height - MARGIN))}px`;
}

/** Move the focus among the items; 0 goes to the first, minus infinity to the last. */
function focusItem(root: HTMLElement | null, step: number): void {
  const items = [...(root?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  if (step === 0 || step === -Infinity) {
    items[step === 0 ? 0 : items.length - 1]?.focus();
  } else {
    const index = items.indexOf(document.activeElement as HTMLElement);
    items[(index + step + items.length) % items.length]?.focus();
  }
}
