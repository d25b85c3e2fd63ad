/** @file Adapters that make worker threads, message ports and child processes look like the shared Port. */
import type { ChildProcess } from 'node:child_process';
import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import type { Port } from './port.ts';

export function workerPort(worker: Worker): Port {
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as Transferable[] | undefined),
    onMessage: (listener) => void worker.on('message', listener),
    onGone: (listener) => {
      let reason: string | undefined;
      worker.on('error', (error) => (reason = error.message));
      worker.on('exit', (code) => listener(reason ?? `exit code ${code}`));
    },
  };
}

export function messagePort(port: MessagePort): Port {
  return {
    post: (message, transfer) => port.postMessage(message, transfer as Transferable[] | undefined),
    onMessage: (listener) => void port.on('message', listener),
    onGone: (listener) => void port.on('close', () => listener('the port was closed')),
  };
}

/** Needs `serialization: 'advanced'`, so that typed arrays arrive as such. */
export function childPort(child: ChildProcess): Port {
  return {
    post: (message) => {
      if (child.connected) child.send(message as object);
    },
    onMessage: (listener) => void child.on('message', listener),
    onGone: (listener) => {
      let reason: string | undefined;
      child.on('error', (error) => {
        reason = error.message;
        // A child that never came to be has no exit: this is all that is ever heard of it.
        if (child.pid === undefined) listener(`it could not be started (${error.message})`);
      });
      child.on('exit', (code, signal) => listener(reason ?? (signal ? `signal ${signal}` : `exit code ${code}`)));
    },
  };
}
