/**
 * @file The way from a child process back to main. Forked by node:child_process with `serialization: 'advanced'` it is process.send; in an
 * Electron utilityProcess it is process.parentPort.
 */
import process from 'node:process';
import type { Port } from './port.ts';

/** The part of Electron's ParentPort that is used; messages arrive wrapped in an event. */
type ParentPort = {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  postMessage(message: unknown): void;
};

/** Throws where the process was not started by main. */
export function processPort(): Port {
  const electron = (process as typeof process & { parentPort?: ParentPort }).parentPort;
  if (electron) {
    return {
      post: (message) => electron.postMessage(message),
      onMessage: (listener) => void electron.on('message', ({ data }) => listener(data)),
      onGone: () => undefined, // Electron ends its utility processes with itself
    };
  }
  if (!process.send) throw new Error('This process is started by Surprisal, not by hand.');
  return {
    // After a disconnect send() fails, and a message on its way when main went fails later: without the callback that would be an
    // uncaught error. The 'disconnect' listener is about to end the process.
    post: (message) => void (process.connected && process.send?.(message, undefined, undefined, () => undefined)),
    onMessage: (listener) => void process.on('message', listener),
    onGone: (listener) => void process.on('disconnect', () => listener('The main process closed the channel.')),
  };
}
