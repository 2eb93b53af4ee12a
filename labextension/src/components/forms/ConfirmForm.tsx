import { type FormEvent, useState } from 'react';

import { Button } from '../common/Button';
import { Modal } from '../common/Modal';
import { ErrorBanner } from '../common/Screens';
import { useTrans } from '../common/trans';

interface IConfirmFormProps {
  title: string;
  /** What it will touch, and whether that can be undone. */
  text: string;
  button: string;
  failed: string;
  /** The other button; without it, Cancel. */
  keep?: string;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

/** Say what something will touch, and ask before it is done. */
export function ConfirmForm(props: IConfirmFormProps): JSX.Element {
  const trans = useTrans();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy) {
      return;
    }
    setBusy(true);
    try {
      await props.onConfirm();
      props.onClose();
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
      setBusy(false);
    }
  };
  return (
    <Modal title={props.title} onClose={props.onClose}>
      <form className="jp-hubflow-Form" onSubmit={event => void submit(event)}>
        <p>{props.text}</p>
        {error && <ErrorBanner what={props.failed} error={error} />}
        <div className="jp-hubflow-Form-buttons">
          <Button isFirst onClick={props.onClose}>
            {props.keep ?? trans.__('Cancel')}
          </Button>
          <Button look="primary" type="submit" isBusy={isBusy}>
            {props.button}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
