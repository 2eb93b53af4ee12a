import { useSyncExternalStore } from 'react';

/** JupyterLab's attribute of the body, which the hub's page sets, too. */
const ATTRIBUTE = 'data-jp-theme-light';

/** Whether the page is dark now. */
export function useIsDark(): boolean {
  return useSyncExternalStore(watch, () => document.body.getAttribute(ATTRIBUTE) === 'false');
}

function watch(draw: () => void): () => void {
  const observer = new MutationObserver(draw);
  observer.observe(document.body, { attributeFilter: [ATTRIBUTE] });
  return () => observer.disconnect();
}
