/** @file `Port` over worker_threads: a worker seen from outside, and a message port (or parentPort) seen from either end. */
import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import type { Port } from '../../shared/port.ts';

/** The store thread as main sees it. Gone when the thread ends, with its error as the reason. */
export function workerPort(worker: Worker): Port {
  let failure: string | undefined;
  worker.on('error', (error: unknown) => {
    failure = error instanceof Error ? error.message : String(error);
  });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as Transferable[] | undefined),
    onMessage: (listener) => void worker.on('message', listener),
    onGone: (listener) => void worker.once('exit', (code) => listener(failure ?? `it exited with code ${code}`)),
  };
}

/** One end of a channel, or `parentPort`. */
export function messagePort(port: MessagePort): Port {
  return {
    post: (message, transfer) => port.postMessage(message, transfer as Transferable[] | undefined),
    onMessage: (listener) => void port.on('message', listener),
    onGone: (listener) => void port.once('close', () => listener('the port was closed')),
  };
}
