/** @file Entry of the engine thread (worker_threads). Owns ONNX Runtime in the main process; main talks to it through `EngineMethods`. */
import { availableParallelism } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { EngineMethods } from '../../shared/engineProtocol.ts';
import { messagePort } from '../../shared/nodePorts.ts';
import { servePort } from '../../shared/port.ts';
import { createEngine } from './engine.ts';

if (!parentPort) throw new Error('The engine runs as a worker thread of Surprisal.');
// One core stays free for the interface and the other threads.
servePort<EngineMethods>(
  messagePort(parentPort),
  createEngine({ intraOpThreads: Math.max(1, availableParallelism() - 1) }),
);
