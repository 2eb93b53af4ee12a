import { type KeyboardEvent, useId, type ReactNode } from 'react';

interface ITab<T extends string> {
  id: T;
  label: string;
}

interface ITabsProps<T extends string> {
  tabs: ITab<T>[];
  current: T;
  onChange: (tab: T) => void;
  label: string;
  children: ReactNode;
  look?: 'page' | 'panel';
}

/** Tabs with their panel; arrow keys move between tabs. */
export function Tabs<T extends string>({
  tabs,
  current,
  onChange,
  label,
  children,
  look = 'page'
}: ITabsProps<T>): JSX.Element {
  const id = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const index = tabs.findIndex(tab => tab.id === current);
    const next = step && tabs[(index + step + tabs.length) % tabs.length];
    if (next) {
      event.preventDefault();
      onChange(next.id);
      document.getElementById(`${id}-${next.id}`)?.focus();
    }
  };
  return (
    <div className={`jp-hubflow-Tabs jp-hubflow-mod-${look}`}>
      <div role="tablist" aria-label={label} className="jp-hubflow-Tabs-bar" onKeyDown={onKeyDown}>
        {tabs.map(tab => (
          <button
            key={tab.id}
            id={`${id}-${tab.id}`}
            type="button"
            role="tab"
            aria-selected={tab.id === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab.id === current ? 0 : -1}
            onClick={() => onChange(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${current}`}
        className="jp-hubflow-Tabs-panel"
      >
        {children}
      </div>
    </div>
  );
}
