/**
 * @file Entry of the trainer process. Forked by node:child_process with `serialization: 'advanced'` it speaks over process.send; as an
 * Electron utilityProcess it speaks over process.parentPort. Ends when main is gone.
 */
import process from 'node:process';
import { servePort, type Port } from '../src/shared/port.ts';
import type { TrainerMethods } from '../src/shared/trainerProtocol.ts';
import { createHandlers } from './handlers.ts';

/** The part of Electron's ParentPort that is used; messages arrive wrapped in an event. */
type ParentPort = {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  postMessage(message: unknown): void;
};

function parentPort(): ParentPort | undefined {
  return (process as typeof process & { parentPort?: ParentPort }).parentPort;
}

function openPort(): Port {
  const electron = parentPort();
  if (electron) {
    return {
      post: (message) => electron.postMessage(message),
      onMessage: (listener) => void electron.on('message', ({ data }) => listener(data)),
      onGone: () => undefined, // Electron ends its utility processes with itself
    };
  }
  if (!process.send) throw new Error('The trainer is started by Surprisal, not by hand.');
  return {
    // After a disconnect send() fails; the 'disconnect' listener below is about to end the process.
    post: (message) => void (process.connected && process.send?.(message)),
    onMessage: (listener) => void process.on('message', listener),
    onGone: (listener) => void process.on('disconnect', () => listener('The main process closed the channel.')),
  };
}

const port = openPort();
servePort<TrainerMethods>(port, createHandlers());
port.onGone(() => process.exit(0));
