/** @file Loaded first in a utility process: its channel becomes `process.parentPort`, as in Electron, and Node's own way to it is hidden. */
import { EventEmitter } from 'node:events';
import type { ParentPort } from 'electron';
import { only } from './only.ts';

const send = process.send?.bind(process);
const waiting: unknown[] = [];

class StandInParentPort extends EventEmitter implements Pick<ParentPort, 'postMessage'> {
  postMessage(message: unknown): void {
    send?.(structuredClone(message) as object, undefined, {}, () => undefined);
  }

  /** Messages wait for the first listener. */
  override on(name: string, listener: (event: { data: unknown; ports: [] }) => void): this {
    super.on(name, listener);
    if (name === 'message') for (const data of waiting.splice(0)) this.emit('message', { data, ports: [] });
    return this;
  }
}

const port = new StandInParentPort();
process.on('message', (data) => {
  if (port.listenerCount('message') > 0) port.emit('message', { data, ports: [] });
  else waiting.push(data);
});
// Electron ends its utility processes with itself.
process.on('disconnect', () => process.exit(0));
delete (process as Partial<NodeJS.Process>).send;
Object.defineProperty(process, 'parentPort', { value: only('parentPort', port) });
