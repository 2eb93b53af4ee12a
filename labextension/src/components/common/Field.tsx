import { type ReactNode, useId } from 'react';

interface IFieldProps {
  label: string;
  /** What kind of value, or what it does; a few words behind the field. */
  hint?: string;
  problem?: string | undefined;
  children: (props: IFieldInputProps) => ReactNode;
}

export interface IFieldInputProps {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

/** A label, its input, a hint, and what is wrong with the value. */
export function Field({ label, hint, problem, children }: IFieldProps): JSX.Element {
  const id = useId();
  const isDescribed = Boolean(problem ?? hint);
  return (
    <div className="jp-hubflow-Field">
      <label htmlFor={id}>{label}</label>
      <div className="jp-hubflow-Field-input">
        {children({
          id,
          'aria-invalid': problem !== undefined,
          'aria-describedby': isDescribed ? `${id}-note` : undefined
        })}
        {isDescribed && (
          <span
            id={`${id}-note`}
            className={problem ? 'jp-hubflow-Field-problem' : 'jp-hubflow-Field-hint'}
            role={problem ? 'alert' : undefined}
          >
            {problem ?? hint}
          </span>
        )}
      </div>
    </div>
  );
}
