import type { IRouter, JupyterFrontEnd } from '@jupyterlab/application';

import { formatAddress, type IAddress, parseAddress } from '../logic/places';
import { CommandIDs } from '../tokens';

/**
 * The part of JupyterLab's address that is ours: `/lab?hubflow=/dags/sales/graph`. The server
 * knows no other path, and a fragment would not outlive the Hub's login.
 */
const PARAMETER = 'hubflow';
const PATTERN = /[?&]hubflow=/;

/** Open pages from the address of the browser, and keep it at the page that is in front. */
export class AddressBar {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly router: IRouter,
    open: (address: IAddress) => void
  ) {
    app.commands.addCommand(CommandIDs.openAddress, {
      // JupyterLab routes once when it starts, and for each Back and Forward. When our turn comes,
      // a restored page may already have written its own address.
      execute: async location => {
        const { search } = location as unknown as IRouter.ILocation;
        const address = parseAddress(named(search ?? '') ?? '');
        await app.restored;
        open(address);
      }
    });
    router.register({ command: CommandIDs.openAddress, pattern: PATTERN });
  }

  /** Another page has come to the front; null for one that is not ours. */
  turnTo(address: IAddress | null): void {
    // JupyterLab itself has just made an entry in the history for the change of pages.
    this.write(address, url => window.history.replaceState({}, '', url));
  }

  /** Somebody has gone to another place on the page that is in front. */
  goTo(address: IAddress): void {
    this.write(address, url => this.router.navigate(url, { skipRouting: true }));
  }

  private get shown(): string | null {
    return named(window.location.search);
  }

  private write(address: IAddress | null, put: (url: string) => void): void {
    void this.app.restored.then(() => {
      const next = address && formatAddress(address);
      if (next === this.shown) {
        return;
      }
      const url = new URL(window.location.href);
      if (next === null) {
        url.searchParams.delete(PARAMETER);
      } else {
        url.searchParams.set(PARAMETER, next);
      }
      put(`${url.pathname}${readable(url.search)}${url.hash}`);
    });
  }
}

/** The address of a page for other people: whoever opens it comes to their own JupyterLab. */
export function linkFor(address: IAddress, baseUrl: string, hubPrefix: string | null): string {
  const lab = hubPrefix === null ? `${baseUrl}lab` : `${hubPrefix}user-redirect/lab`;
  const url = new URL(lab, window.location.origin);
  url.searchParams.set(PARAMETER, formatAddress(address));
  return readable(url.href);
}

/** The page of ours that the query of an address names. */
function named(search: string): string | null {
  return new URLSearchParams(search).get(PARAMETER);
}

/** Slashes need no escape in a query, and people read addresses. */
function readable(text: string): string {
  return text.replaceAll('%2F', '/');
}
