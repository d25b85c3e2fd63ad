/** @file The store of an app, one of whose answers is waited for. */
import type { Services } from '../../src/main/app/services.ts';
import type { StoreMethods } from '../../src/main/store/protocol.ts';

/** The store is asked for it when it is released. */
export function heldBack({ store }: Pick<Services, 'store'>, held: keyof StoreMethods): { release: () => void } {
  const { call } = store;
  const { promise, resolve } = Promise.withResolvers<void>();
  store.call = async (method, ...rest) => {
    if (method === held) await promise;
    return call(method, ...rest);
  };
  return { release: resolve };
}
