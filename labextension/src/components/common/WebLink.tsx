import type { ReactNode } from 'react';

import { safeHref } from '../../logic/markdown';

interface IWebLinkProps {
  href: string;
  children: ReactNode;
}

/** A link in a tab of its own; one that leads to nothing safe is its text alone. */
export function WebLink({ href, children }: IWebLinkProps): JSX.Element {
  const safe = safeHref(href);
  return safe === null ? (
    <>{children}</>
  ) : (
    <a href={safe} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
