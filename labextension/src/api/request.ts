import type { IProblem } from './types';

/** How to reach the server: in JupyterLab and on the hub's page this differs, the API does not. */
export interface IConnection {
  /** URL of the API without a slash at the end: `…/hubflow/api/v1`. */
  readonly apiUrl: string;
  fetch(url: string, init: RequestInit): Promise<Response>;
  openSocket(url: string): WebSocket;
}

export type Query = Record<string, string | number | boolean | null | undefined>;

interface IRequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
}

/** The server said no. `code` is stable, `detail` is a sentence for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string
  ) {
    super(detail || title);
  }
}

/** No answer at all: the network, the server, or the hub in between is away. */
class Unreachable extends Error {
  constructor(readonly url: string) {
    super('The server does not answer.');
  }
}

/** Ask the API and return its JSON. Throws ApiError, Unreachable, or an AbortError. */
export async function requestAPI<T>(
  connection: IConnection,
  path: string,
  options: IRequestOptions = {}
): Promise<T> {
  const response = await send(connection, path, options);
  return (await response.json()) as T;
}

/** Ask for something that has no answer but that it is done. */
export async function requestDone(
  connection: IConnection,
  path: string,
  options: IRequestOptions = {}
): Promise<void> {
  await send(connection, path, options);
}

/** Ask the API for plain text. */
export async function requestText(
  connection: IConnection,
  path: string,
  options: IRequestOptions = {}
): Promise<string> {
  const response = await send(connection, path, options, 'text/plain');
  return response.text();
}

/** The address of an API path, for links, downloads and frames. */
export function apiUrl(connection: IConnection, path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]));
  return `${connection.apiUrl}/${path}${pairs.length ? `?${search.toString()}` : ''}`;
}

/** Join path segments, each percent-encoded: run ids hold `:` and `+`. */
export function segments(...parts: (string | number)[]): string {
  return parts.map(part => encodeURIComponent(part)).join('/');
}

async function send(
  connection: IConnection,
  path: string,
  { method = 'GET', query, body, signal }: IRequestOptions,
  accept = 'application/json'
): Promise<Response> {
  const url = apiUrl(connection, path, query);
  const init: RequestInit = { method, signal: signal ?? null, headers: { Accept: accept } };
  if (method !== 'GET') {
    init.headers = { Accept: accept, 'Content-Type': 'application/json' };
    init.body = JSON.stringify(body ?? {});
  }
  const response = await connection.fetch(url, init).catch((reason: unknown) => {
    throw signal?.aborted ? reason : new Unreachable(url);
  });
  if (!response.ok) {
    throw await problem(response);
  }
  return response;
}

async function problem(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Partial<IProblem>;
  return new ApiError(
    response.status,
    body.code ?? `http-${response.status}`,
    body.title ?? response.statusText,
    body.detail ?? ''
  );
}
