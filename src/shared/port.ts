/**
 * @file Requests over a message port: the one protocol between main and its threads and processes.
 * A served method may emit progress and is cancelled by an AbortSignal. Loadable in every process.
 */
import { AppError, fromErrorData, toErrorData, type ErrorData } from './errors.ts';

/** The part of MessagePort, parentPort, process.send and UtilityProcess that the protocol needs. */
export interface Port {
  post(message: unknown, transfer?: readonly unknown[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the other side is gone. */
  onGone(listener: (reason: string) => void): void;
}

/** Methods as functions of one input, with an optional progress event type. */
export type Methods = Record<string, { input: unknown; output: unknown; progress?: unknown }>;

type ProgressOf<M extends Methods, K extends keyof M> = M[K] extends { progress: infer P } ? P : never;

export type Handlers<M extends Methods> = {
  [K in keyof M]: (
    input: M[K]['input'],
    context: { signal: AbortSignal; progress: (value: ProgressOf<M, K>) => void },
  ) => Answer<M[K]['output']> | Promise<Answer<M[K]['output']>>;
};

/** What a handler returns: its output, copied across, or with buffers that move. */
type Answer<O> = O | Transferred<O>;

export type CallOptions<P> = {
  signal?: AbortSignal;
  onProgress?: (value: P) => void;
  transfer?: readonly unknown[];
};

export interface Client<M extends Methods> {
  /** Rejects with an AppError: the handler's own, CANCELLED as soon as the signal fires, or PROCESS_GONE. */
  call<K extends keyof M & string>(
    method: K,
    input: M[K]['input'],
    options?: CallOptions<ProgressOf<M, K>>,
  ): Promise<M[K]['output']>;
}

/** Wraps an output whose buffers should move instead of being copied. */
export class Transferred<T> {
  readonly value: T;
  readonly transfer: readonly unknown[];
  constructor(value: T, transfer: readonly unknown[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

type Frame =
  | { kind: 'request'; id: number; method: string; input: unknown }
  | { kind: 'cancel'; id: number }
  | { kind: 'result'; id: number; output: unknown }
  | { kind: 'error'; id: number; error: ErrorData }
  | { kind: 'progress'; id: number; value: unknown };

function isFrame(message: unknown): message is Frame {
  return typeof message === 'object' && message !== null && 'kind' in message && 'id' in message;
}

/** To `servePort` on the other side, where it is waited for: what is under way is to end. */
export const endMessage = { kind: 'end' } as const;

function isEnd(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === endMessage.kind;
}

/** Answers requests on `port` until the other side is gone. `onEnded`: it was asked to end, and nothing is under way any more. */
export function servePort<M extends Methods>(port: Port, handlers: Handlers<M>, onEnded?: () => void): void {
  const running = new Map<number, AbortController>();
  let isEnding = false;
  const endWhenIdle = (): void => {
    if (isEnding && running.size === 0) onEnded?.();
  };
  const answer = async (id: number, method: string, input: unknown): Promise<void> => {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
      if (!handler) throw new AppError('BAD_REQUEST', `No method is named "${method}".`);
      const output = await handler(input, {
        signal: abort.signal,
        progress: (value) => port.post({ kind: 'progress', id, value } satisfies Frame),
      });
      if (output instanceof Transferred) {
        port.post({ kind: 'result', id, output: output.value } satisfies Frame, output.transfer);
      } else {
        port.post({ kind: 'result', id, output } satisfies Frame);
      }
    } catch (error) {
      port.post({ kind: 'error', id, error: toErrorData(error) } satisfies Frame);
    } finally {
      running.delete(id);
      endWhenIdle();
    }
  };
  port.onMessage((message) => {
    if (onEnded && isEnd(message)) {
      isEnding = true;
      for (const abort of running.values()) abort.abort();
      endWhenIdle();
    }
    if (!isFrame(message) || isEnding) return;
    if (message.kind === 'request') void answer(message.id, message.method, message.input);
    else if (message.kind === 'cancel') running.get(message.id)?.abort();
  });
}

/** The calling side of `servePort`. `name` is used in error messages only. */
export function connectPort<M extends Methods>(port: Port, name: string): Client<M> {
  type Pending = {
    resolve: (output: never) => void;
    reject: (error: AppError) => void;
    onProgress: ((value: never) => void) | undefined;
  };
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let gone: string | undefined;
  port.onMessage((message) => {
    if (!isFrame(message)) return;
    const call = pending.get(message.id);
    if (!call) return; // cancelled: the caller has its answer already
    if (message.kind === 'progress') {
      call.onProgress?.(message.value as never);
    } else if (message.kind === 'result') {
      pending.delete(message.id);
      call.resolve(message.output as never);
    } else if (message.kind === 'error') {
      pending.delete(message.id);
      call.reject(fromErrorData(message.error));
    }
  });
  port.onGone((reason) => {
    gone = reason;
    for (const call of pending.values()) call.reject(new AppError('PROCESS_GONE', `The ${name} ended: ${reason}`));
    pending.clear();
  });
  return {
    call(method, input, options = {}) {
      return new Promise((resolve, reject) => {
        if (gone !== undefined) {
          reject(new AppError('PROCESS_GONE', `The ${name} ended: ${gone}`));
          return;
        }
        const { signal } = options;
        if (signal?.aborted) {
          reject(new AppError('CANCELLED', 'Cancelled.'));
          return;
        }
        const id = nextId++;
        const cancel = (): void => {
          if (!pending.delete(id)) return;
          port.post({ kind: 'cancel', id } satisfies Frame);
          reject(new AppError('CANCELLED', 'Cancelled.'));
        };
        const settle = <A>(then: (value: A) => void) => {
          return (value: A): void => {
            signal?.removeEventListener('abort', cancel);
            then(value);
          };
        };
        pending.set(id, { resolve: settle(resolve), reject: settle(reject), onProgress: options.onProgress });
        signal?.addEventListener('abort', cancel, { once: true });
        port.post({ kind: 'request', id, method, input } satisfies Frame, options.transfer);
      });
    },
  };
}
