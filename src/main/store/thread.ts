/** @file Entry of the store thread, the only writer of the workspace database. Serves its parent, and ports that the parent sends it. */
import { MessagePort, parentPort } from 'node:worker_threads';
import { servePort } from '../../shared/port.ts';
import { messagePort } from '../../shared/nodePorts.ts';
import { createStoreService } from './service.ts';

if (!parentPort) throw new Error('The store thread is started as a worker.');
const service = createStoreService();
servePort(messagePort(parentPort), service);
parentPort.on('message', (message: { kind?: unknown; port?: unknown }) => {
  if (message.kind === 'connect' && message.port instanceof MessagePort) servePort(messagePort(message.port), service);
});
