import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

import { IconButton } from './Button';
import { useTrans } from './trans';

interface IModalProps {
  title: string;
  children: ReactNode;
  onClose: () => void;
  isWide?: boolean;
}

/** A dialog over the page. The focus stays inside, and goes back when Escape or a button closes it. */
export function Modal({ title, children, onClose, isWide = false }: IModalProps): JSX.Element {
  const trans = useTrans();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // A layout effect: its end comes while the dialog is still on the page and can give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    element?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      element?.close();
      if (opener instanceof HTMLElement || opener instanceof SVGElement) {
        opener.focus({ preventScroll: true });
      }
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`jp-hubflow-Modal ${isWide ? 'jp-hubflow-mod-wide' : ''}`}
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
      // Keys typed here are no shortcuts of the page below.
      onKeyDown={event => event.stopPropagation()}
    >
      <div className="jp-hubflow-Modal-header">
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label={trans.__('Close')} onClick={onClose} />
      </div>
      {children}
    </dialog>
  );
}
