import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { IConnection } from './request';

/** Reach the API through the user's own Jupyter server. */
export function labConnection(settings: ServerConnection.ISettings): IConnection {
  return {
    apiUrl: URLExt.join(settings.baseUrl, 'hubflow/api/v1'),
    fetch: (url, init) => ServerConnection.makeRequest(url, init, settings),
    openSocket: url => {
      const address = settings.wsUrl + url.slice(settings.baseUrl.length);
      const token = settings.appendToken ? settings.token : '';
      const separator = address.includes('?') ? '&' : '?';
      return new settings.WebSocket(
        token ? `${address}${separator}token=${encodeURIComponent(token)}` : address
      );
    }
  };
}
