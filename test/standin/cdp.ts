/**
 * @file Chromium's DevTools protocol over a pipe. Used instead of playwright-core's pages inside the stand-in, because those end with a
 * crashed renderer, and a window that comes back after a crash is what has to be shown. Closing the pipe ends Chromium.
 */
import { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export type CdpParameters = Record<string, unknown>;

type Pending = { method: string; resolve: (result: CdpParameters) => void; reject: (error: Error) => void };

/** Events are emitted by method name as `(parameters)`; `detached` when the target is gone. */
export class CdpSession extends EventEmitter {
  readonly #connection: CdpConnection;
  readonly id: string | undefined;

  constructor(connection: CdpConnection, id: string | undefined) {
    super();
    this.#connection = connection;
    this.id = id;
  }

  send(method: string, params: CdpParameters = {}): Promise<CdpParameters> {
    return this.#connection.send(method, params, this.id);
  }

  /** For commands whose target may be gone by the time they arrive. */
  trySend(method: string, params: CdpParameters = {}): void {
    this.send(method, params).catch(() => undefined);
  }
}

export class CdpConnection {
  readonly root: CdpSession;
  readonly #sessions = new Map<string, CdpSession>();
  readonly #pending = new Map<number, Pending>();
  readonly #output: Writable;
  #nextId = 1;
  #rest = '';

  constructor(output: Writable, input: Readable) {
    this.#output = output;
    this.root = new CdpSession(this, undefined);
    output.on('error', () => undefined);
    input.setEncoding('utf8');
    input.on('data', (chunk: string) => this.#read(chunk));
    input.on('close', () => this.#end());
  }

  /** The session of a flat attachment, made when first named. */
  session(id: string): CdpSession {
    const session = this.#sessions.get(id) ?? new CdpSession(this, id);
    this.#sessions.set(id, session);
    return session;
  }

  send(method: string, params: CdpParameters, sessionId: string | undefined): Promise<CdpParameters> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { method, resolve, reject });
      this.#output.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    });
  }

  #read(chunk: string): void {
    const parts = (this.#rest + chunk).split('\0');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) this.#accept(JSON.parse(part) as CdpParameters);
  }

  #accept(message: CdpParameters): void {
    if (typeof message['id'] === 'number') {
      const pending = this.#pending.get(message['id']);
      this.#pending.delete(message['id']);
      const error = message['error'] as { message: string } | undefined;
      if (error) pending?.reject(new Error(`${pending.method}: ${error.message}`));
      else pending?.resolve((message['result'] ?? {}) as CdpParameters);
      return;
    }
    const params = (message['params'] ?? {}) as CdpParameters;
    const session = typeof message['sessionId'] === 'string' ? this.session(message['sessionId']) : this.root;
    if (message['method'] === 'Target.detachedFromTarget') {
      const id = String(params['sessionId']);
      this.#sessions.get(id)?.emit('detached');
      this.#sessions.delete(id);
    }
    session.emit(String(message['method']), params);
  }

  #end(): void {
    for (const { method, reject } of this.#pending.values()) reject(new Error(`${method}: Chromium is gone.`));
    this.#pending.clear();
  }
}
