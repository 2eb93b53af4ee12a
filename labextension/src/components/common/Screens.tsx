import type { ReactNode } from 'react';

import { Button } from './Button';
import { Icon } from './Icon';
import { useTrans } from './trans';

/** Grey lines in the shape of what is coming. */
export function Skeleton({ lines = 5 }: { lines?: number }): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-hubflow-Skeleton" role="status" aria-label={trans.__('Loading')}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} style={{ width: `${90 - ((index * 23) % 45)}%` }} />
      ))}
    </div>
  );
}

interface IEmptyStateProps {
  text: string;
  children?: ReactNode;
}

/** One sentence that teaches, and one thing to do. */
export function EmptyState({ text, children }: IEmptyStateProps): JSX.Element {
  return (
    <div className="jp-hubflow-EmptyState">
      <p>{text}</p>
      {children}
    </div>
  );
}

interface IErrorBannerProps {
  /** What could not be done. */
  what: string;
  error: Error;
  onRetry?: (() => void) | undefined;
  onDismiss?: () => void;
}

/** What went wrong, why, and what can be done now. */
export function ErrorBanner({ what, error, onRetry, onDismiss }: IErrorBannerProps): JSX.Element {
  const trans = useTrans();
  return (
    <div className="jp-hubflow-ErrorBanner" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{what}</strong> {error.message}
      </div>
      {onRetry && (
        <Button look="link" onClick={onRetry}>
          {trans.__('Try again')}
        </Button>
      )}
      {onDismiss && (
        <Button look="link" onClick={onDismiss}>
          {trans.__('Dismiss')}
        </Button>
      )}
    </div>
  );
}

interface INoticeProps {
  children: ReactNode;
  kind?: 'info' | 'warning';
}

/** A line that is good to know and no error. */
export function Notice({ children, kind = 'info' }: INoticeProps): JSX.Element {
  return (
    <div className={`jp-hubflow-Notice jp-hubflow-mod-${kind}`} role="status">
      {kind === 'warning' && <Icon name="warning" size={14} />}
      <div>{children}</div>
    </div>
  );
}
