/** @file `ipcMain`: handlers by channel, payloads cloned both ways, and failures worded as Electron words them. */
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { only } from './only.ts';

type Handler = Parameters<IpcMain['handle']>[1];

const handlers = new Map<string, Handler>();

const offered: Pick<IpcMain, 'handle' | 'removeHandler'> = {
  handle: (channel, listener) => {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    handlers.set(channel, listener);
  },
  removeHandler: (channel) => void handlers.delete(channel),
};

export const ipcMain = only('ipcMain', offered);

/** What `ipcRenderer.invoke` gets; throws what it is rejected with. `args` are a clone already. */
export async function answerInvoke(event: IpcMainInvokeEvent, channel: string, args: unknown[]): Promise<unknown> {
  try {
    const handler = handlers.get(channel);
    if (!handler) throw new Error(`No handler registered for '${channel}'`);
    return cloned(await handler(event, ...args));
  } catch (error) {
    throw new Error(`Error invoking remote method '${channel}': ${String(error)}`, { cause: error });
  }
}

/** A structured clone, refused as Electron refuses. */
export function cloned<T>(value: T): T {
  try {
    return structuredClone(value);
  } catch (cause) {
    throw new Error('An object could not be cloned.', { cause });
  }
}
