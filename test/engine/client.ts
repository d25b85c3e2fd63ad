/** @file An engine in this thread, reached through its protocol over a message channel. */
import { MessageChannel, type MessagePort, type Transferable } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import { createEngine } from '../../src/main/engine/engine.ts';
import { openSession, type OpenSession } from '../../src/main/engine/session.ts';
import type { EngineMethods } from '../../src/shared/engineProtocol.ts';
import { connectPort, servePort, type Client, type Port } from '../../src/shared/port.ts';

export function connectEngine(open: OpenSession = openSession): Client<EngineMethods> {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  servePort<EngineMethods>(portOf(port1), createEngine({ intraOpThreads: 1, openSession: open }));
  return connectPort<EngineMethods>(portOf(port2), 'engine');
}

function portOf(port: MessagePort): Port {
  return {
    post: (message, transfer) => port.postMessage(message, transfer as readonly Transferable[] | undefined),
    onMessage: (listener) => void port.on('message', listener),
    onGone: (listener) => void port.on('close', () => listener('closed')),
  };
}
