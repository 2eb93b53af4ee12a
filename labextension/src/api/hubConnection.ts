import type { IConnection } from './request';

/** What the hub service writes into its page, as JSON in the element `#hubflow-config`. */
export interface IHubConfig {
  baseUrl: string;
  hubPrefix: string;
  xsrfToken: string;
  user: string;
}

/** Read the configuration of the page; throws when the page has none. */
export function readHubConfig(page: Document): IHubConfig {
  const text = page.getElementById('hubflow-config')?.textContent;
  if (!text) {
    throw new Error('the page has no element #hubflow-config');
  }
  return JSON.parse(text) as IHubConfig;
}

/** Reach the API of the hub service from its own page: same origin, session cookie, XSRF header. */
export function hubConnection(config: IHubConfig): IConnection {
  const base = new URL(config.baseUrl, window.location.href);
  return {
    apiUrl: new URL('api/v1', base).href,
    fetch: (url, init) => {
      const headers = new Headers(init.headers);
      headers.set('X-XSRFToken', config.xsrfToken);
      return fetch(url, { ...init, headers, credentials: 'same-origin' });
    },
    openSocket: url => new WebSocket(url.replace(/^http/, 'ws'))
  };
}
