import { type ReactNode, useId } from 'react';

interface IFieldProps {
  label: string;
  /** What kind of value, or what it does; a few words behind the field. */
  hint?: string;
  problem?: string | undefined;
  /** A small command behind the field. */
  action?: ReactNode;
  children: (props: IFieldInputProps) => ReactNode;
}

export interface IFieldInputProps {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

/** A label, its input, a hint, and what is wrong with the value. */
export function Field({ label, hint, problem, action, children }: IFieldProps): JSX.Element {
  const id = useId();
  const isDescribed = Boolean(problem ?? hint);
  return (
    <div className="jp-hubflow-Field">
      <label htmlFor={id}>{label}</label>
      <div>
        {children({
          id,
          'aria-invalid': problem !== undefined,
          'aria-describedby': isDescribed ? `${id}-note` : undefined
        })}
      </div>
      <div className="jp-hubflow-Field-side">
        {hint && !problem && (
          <span id={`${id}-note`} className="jp-hubflow-Field-hint">
            {hint}
          </span>
        )}
        {action}
      </div>
      {problem && (
        <span id={`${id}-note`} className="jp-hubflow-Field-problem" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}
