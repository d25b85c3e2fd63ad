/** @file The engine behind its port, wherever it is at home. Tests' own entries give it sessions that fail. */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { parentPort } from 'node:worker_threads';
import type { EngineMethods } from '../../shared/engineProtocol.ts';
import { messagePort } from '../../shared/nodePorts.ts';
import { servePort } from '../../shared/port.ts';
import { processPort } from '../../shared/processPort.ts';
import { createEngine } from './engine.ts';
import { openSession, type OpenSession } from './session.ts';

export function serveEngine(open: OpenSession = openSession): void {
  // One core stays free for the interface and the other threads.
  const engine = createEngine({ intraOpThreads: Math.max(1, availableParallelism() - 1), openSession: open });
  const port = parentPort ? messagePort(parentPort) : processPort();
  // Ended from outside while a session works, a thread takes its process with it: the native code calls back into what is no more.
  servePort<EngineMethods>(port, engine, () => process.exit(0));
  if (!parentPort) port.onGone(() => process.exit(0));
}
