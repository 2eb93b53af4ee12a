import { useId, useRef, useState } from 'react';

import { Icon, type IconName } from './Icon';
import { type IMenuItem, type IMenuPlace, MenuPopup } from './MenuPopup';

interface IMenuProps {
  icon: IconName;
  label: string;
  items: IMenuItem[];
}

/** A button that opens a short list of commands. */
export function Menu({ icon, label, items }: IMenuProps): JSX.Element {
  const [at, setAt] = useState<IMenuPlace | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const open = (): void => {
    const box = button.current?.getBoundingClientRect();
    setAt({ x: box?.right ?? 0, y: box?.bottom ?? 0, align: 'end' });
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="jp-hubflow-IconButton"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={at !== null}
        aria-controls={id}
        onClick={event => {
          event.stopPropagation();
          if (at) {
            setAt(null);
          } else {
            open();
          }
        }}
      >
        <Icon name={icon} />
      </button>
      {at && (
        <MenuPopup
          id={id}
          label={label}
          items={items}
          at={at}
          opener={button.current}
          onClose={() => setAt(null)}
        />
      )}
    </>
  );
}
