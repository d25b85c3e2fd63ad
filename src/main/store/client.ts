/** @file The store as its callers see it. */
import type { Client, Port } from '../../shared/port.ts';
import { connectPort } from '../../shared/port.ts';
import type { StoreMethods } from './protocol.ts';

export function connectStore(port: Port): Client<StoreMethods> {
  return connectPort<StoreMethods>(port, 'store thread');
}

/** Sent to the store thread with `port` in the transfer list: requests on the port's other end are answered too. */
export type ConnectMessage = { kind: 'connect'; id: 0; port: unknown };
