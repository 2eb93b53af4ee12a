import { Fragment, type ReactNode } from 'react';

interface IFactsProps {
  /** Name and value; a fact without a value is left out. */
  facts: [string, ReactNode][];
}

/** Names and values in two columns. */
export function Facts({ facts }: IFactsProps): JSX.Element {
  return (
    <dl className="jp-hubflow-Facts">
      {facts
        .filter(
          ([, value]) => value !== null && value !== undefined && value !== '' && value !== false
        )
        .map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}
