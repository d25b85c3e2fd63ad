/** @file Entry of the engine thread (worker_threads). Owns ONNX Runtime in the main process; main talks to it through `EngineMethods`. */
import { availableParallelism } from 'node:os';
import { parentPort, type Transferable } from 'node:worker_threads';
import type { EngineMethods } from '../../shared/engineProtocol.ts';
import { servePort, type Port } from '../../shared/port.ts';
import { createEngine } from './engine.ts';

if (!parentPort) throw new Error('The engine runs as a worker thread of Surprisal.');
const messages = parentPort;
const port: Port = {
  post: (message, transfer) => messages.postMessage(message, transfer as readonly Transferable[] | undefined),
  onMessage: (listener) => void messages.on('message', listener),
  onGone: (listener) => void messages.on('close', () => listener('The main thread closed the port.')),
};
// One core stays free for the interface and the other threads.
servePort<EngineMethods>(port, createEngine({ intraOpThreads: Math.max(1, availableParallelism() - 1) }));
