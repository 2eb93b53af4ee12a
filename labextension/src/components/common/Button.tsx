import type { ReactNode } from 'react';

import { Icon, type IconName } from './Icon';

interface IButtonProps {
  children: ReactNode;
  onClick?: () => void;
  icon?: IconName;
  look?: 'primary' | 'plain' | 'link';
  type?: 'button' | 'submit';
  /** Why it cannot be pressed; shown as tooltip. A button with a reason is disabled. */
  disabledReason?: string | null;
  isBusy?: boolean;
  /** Has the focus when its dialog opens. */
  isFirst?: boolean;
}

/** A button with a word. */
export function Button({
  children,
  onClick,
  icon,
  look = 'plain',
  type = 'button',
  disabledReason = null,
  isBusy = false,
  isFirst = false
}: IButtonProps): JSX.Element {
  const isDisabled = disabledReason !== null;
  return (
    <button
      type={type}
      className={`jp-hubflow-Button jp-hubflow-mod-${look}`}
      // Not `disabled`: such a button gets neither focus nor a tooltip, and the reason stays unread.
      aria-disabled={isDisabled || isBusy}
      title={disabledReason ?? undefined}
      data-autofocus={isFirst || undefined}
      onClick={event => {
        if (isDisabled || isBusy) {
          event.preventDefault();
        } else {
          onClick?.();
        }
      }}
    >
      {icon && <Icon name={icon} size={14} />}
      <span>{children}</span>
    </button>
  );
}

interface IIconButtonProps {
  icon: IconName;
  label: string;
  onClick: () => void;
  isPressed?: boolean;
  disabledReason?: string | null;
}

/** A button without a word; its label is its tooltip. */
export function IconButton({
  icon,
  label,
  onClick,
  isPressed,
  disabledReason = null
}: IIconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      className="jp-hubflow-IconButton"
      aria-label={label}
      aria-pressed={isPressed}
      aria-disabled={disabledReason !== null}
      title={disabledReason ?? label}
      onClick={() => {
        if (disabledReason === null) {
          onClick();
        }
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
