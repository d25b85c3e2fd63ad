/** @file The transport over loopback HTTP: JSON calls, server-sent events, uploads. The session is a same-origin cookie. */
import type { ChosenFile } from '../../shared/sources.ts';
import { AppError, fromErrorData } from '../../shared/errors.ts';
import type { Result } from '../../shared/errors.ts';
import type { AppEvent } from '../../shared/events.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../shared/routes.ts';
import type { Connection, Transport } from './transport.ts';

const retryDelayMs = 2000;
const noAnswer = 'Surprisal did not answer. If its window or terminal was closed, start it again and repeat this.';
const expiredText = 'The link has expired. Start again from the link in the terminal.';

/** The browser does not say which: a file that changes while it is sent ends as a lost connection does. */
const notSent = (name: string): string =>
  `${name} could not be sent to the end: it was changed or deleted meanwhile, or Surprisal was closed. Open it again.`;

export class HttpTransport implements Transport {
  readonly #listeners = new Set<(event: AppEvent) => void>();
  readonly #watchers = new Set<(connection: Connection) => void>();
  #connection: Connection = 'connected';
  #events: EventSource | null = null;

  async request<R extends RouteName>(route: R, input: RouteInput<R>): Promise<RouteOutput<R>> {
    let response: Response;
    try {
      response = await fetch('/rpc', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-surprisal': '1' },
        body: JSON.stringify({ route, input }),
      });
    } catch (cause) {
      this.#setConnection('lost');
      throw new AppError('PROCESS_GONE', noAnswer, { cause });
    }
    if (response.status === 401) {
      this.#setConnection('expired');
      throw new AppError('FORBIDDEN', expiredText);
    }
    const result = await readResult<RouteOutput<R>>(response);
    if (!result.ok) throw fromErrorData(result.error);
    return result.data;
  }

  subscribe(listener: (event: AppEvent) => void): () => void {
    this.#listeners.add(listener);
    this.#listen();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#events?.close();
      this.#events = null;
    };
  }

  watchConnection(listener: (connection: Connection) => void): () => void {
    this.#watchers.add(listener);
    listener(this.#connection);
    return () => this.#watchers.delete(listener);
  }

  askBeforeClosing(isBusy: () => boolean): () => void {
    const asked = (event: BeforeUnloadEvent): void => {
      if (isBusy()) event.preventDefault();
    };
    window.addEventListener('beforeunload', asked);
    return () => window.removeEventListener('beforeunload', asked);
  }

  /** XMLHttpRequest, because fetch tells nothing about how much of a body has left. */
  uploadFile(file: File, onProgress: (share: number) => void, signal?: AbortSignal): Promise<ChosenFile> {
    return new Promise((resolve, reject) => {
      const upload = new XMLHttpRequest();
      upload.open('PUT', `/upload?name=${encodeURIComponent(file.name)}`);
      upload.setRequestHeader('x-surprisal', '1');
      upload.setRequestHeader('content-type', 'application/octet-stream');
      upload.upload.addEventListener('progress', (event) => {
        if (event.total > 0) onProgress(event.loaded / event.total);
      });
      upload.addEventListener('load', () => {
        if (upload.status === 401) this.#setConnection('expired');
        try {
          const result = JSON.parse(upload.responseText) as Result<ChosenFile>;
          if (result.ok) resolve(result.data);
          else reject(fromErrorData(result.error));
        } catch {
          reject(new AppError('INTERNAL', `Surprisal answered ${upload.status} to the upload of ${file.name}.`));
        }
      });
      upload.addEventListener('error', () => reject(new AppError('PROCESS_GONE', notSent(file.name))));
      upload.addEventListener('abort', () => reject(new AppError('CANCELLED', 'Cancelled.')));
      signal?.addEventListener('abort', () => upload.abort(), { once: true });
      upload.send(file);
    });
  }

  #listen(): void {
    if (this.#events || this.#listeners.size === 0) return;
    const events = new EventSource('/events');
    this.#events = events;
    events.addEventListener('open', () => this.#setConnection('connected'));
    events.addEventListener('message', (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as AppEvent;
      for (const listener of this.#listeners) listener(event);
    });
    events.addEventListener('error', () => {
      this.#setConnection('lost');
      if (events.readyState !== EventSource.CLOSED) return;
      // A refused stream never reconnects by itself; a plain request tells whether the link has expired.
      this.#events = null;
      setTimeout(() => void this.#retry(), retryDelayMs);
    });
  }

  async #retry(): Promise<void> {
    if (this.#connection === 'expired') return;
    await this.request('status.get', {}).catch(() => undefined);
    this.#listen();
  }

  #setConnection(connection: Connection): void {
    if (this.#connection === connection || this.#connection === 'expired') return;
    this.#connection = connection;
    for (const watcher of this.#watchers) watcher(connection);
  }
}

async function readResult<T>(response: Response): Promise<Result<T>> {
  try {
    return (await response.json()) as Result<T>;
  } catch (cause) {
    throw new AppError('INTERNAL', `Surprisal answered ${response.status} without a result.`, { cause });
  }
}
