/** @file `protocol`: schemes registered before the app is ready, answered by the app's own handlers. */
import type { Protocol } from 'electron';
import { only } from './only.ts';
import { isReady } from './ready.ts';

const privileged = new Set<string>();
const handlers = new Map<string, Parameters<Protocol['handle']>[1]>();

const offered: Pick<Protocol, 'registerSchemesAsPrivileged' | 'handle'> = {
  registerSchemesAsPrivileged: (schemes) => {
    if (isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const { scheme, privileges } of schemes) {
      // The page's https origin stands for a scheme that is both; another kind would be shown wrongly.
      if (!privileges?.standard || !privileges.secure)
        throw new Error(`${scheme}: only standard, secure schemes here.`);
      privileged.add(scheme);
    }
  },
  handle: (scheme, handler) => {
    if (!isReady()) throw new Error('protocol.handle can only be used after the app is ready');
    if (!privileged.has(scheme)) throw new Error(`${scheme} was not registered as privileged.`);
    if (handlers.has(scheme)) throw new Error(`${scheme} is handled already.`);
    handlers.set(scheme, handler);
  },
};

export const protocol = only('protocol', offered);

/** Undefined where no handler serves the scheme. */
export async function answerRequest(url: string, init: RequestInit): Promise<Response | undefined> {
  const handler = handlers.get(new URL(url).protocol.slice(0, -1));
  return handler ? handler(new Request(url, init)) : undefined;
}
