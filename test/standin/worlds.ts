/**
 * @file What runs in the page before its own scripts: the page's side of the context bridge in the main world, and the preload in a real
 * isolated world (Chromium's, made by the DevTools protocol), which the page's scripts cannot reach. The two worlds speak by events whose
 * names are drawn anew for every window; what crosses is structurally cloned, functions and promises go as proxies, as in Electron.
 */
import { createCodec, type Codec } from './codec.ts';

/** The world the preload runs in; the binding to main exists only there. */
export const preloadWorld = 'electron-preload';
export const sendBinding = '__toMain';
export const receiveFunction = '__fromMain';
/** The files that the preload asked a path of, in its own world: main asks Chromium for the paths (see `fileMark`). */
export const askedFiles = '__files';
/** What `getPathForFile` gives instead of the path, which only Chromium knows: replaced by it on the way to main, an empty one as well. */
export const fileMark = 'stand-in-file:';

type PageGlobal = EventTarget & Record<string, unknown> & { top: unknown; CustomEvent: typeof CustomEvent };
type Packed = { value: unknown } | { function: number } | { promise: number } | { error: string };
type BridgeEnd = { expose: (key: string, api: unknown) => void };

/** One end of the bridge; both worlds run this, with `own` and `other` swapped. Self-contained: its source runs in the page. */
function createBridgeEnd(own: string, other: string): BridgeEnd {
  const page = globalThis as unknown as PageGlobal;
  const { CustomEvent } = page;
  const dispatch = page.dispatchEvent.bind(page);
  const clone = structuredClone;
  const functions: ((...args: unknown[]) => unknown)[] = [];
  const promises = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let nextPromise = 1;
  let reply: Packed = { value: undefined };

  const tell = (kind: string, detail: unknown): void => void dispatch(new CustomEvent(`${other}:${kind}`, { detail }));
  const listen = (kind: string, listener: (detail: never) => void): void =>
    page.addEventListener(`${own}:${kind}`, (event) => {
      event.stopImmediatePropagation();
      listener((event as CustomEvent).detail as never);
    });

  const pack = (value: unknown): Packed => {
    if (typeof value === 'function') return { function: functions.push(value as () => unknown) - 1 };
    if (value instanceof Promise) {
      const id = nextPromise++;
      value.then(
        (result: unknown) => tell('settle', { id, packed: safely(() => pack(result)) }),
        (error: unknown) =>
          tell('settle', { id, packed: { error: error instanceof Error ? error.message : String(error) } }),
      );
      return { promise: id };
    }
    return { value: clone(value) };
  };
  const unpack = (packed: Packed): unknown => {
    if ('error' in packed) throw new Error(packed.error);
    if ('function' in packed) {
      const id = packed.function;
      return (...args: unknown[]): unknown => {
        tell('call', { id, args: args.map(pack) });
        return unpack(reply);
      };
    }
    if ('promise' in packed) {
      const id = packed.promise;
      return new Promise((resolve, reject) => promises.set(id, { resolve, reject }));
    }
    return packed.value;
  };
  const safely = (make: () => Packed): Packed => {
    try {
      return make();
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };

  listen('call', ({ id, args }: { id: number; args: Packed[] }) => {
    const answer = safely(() => pack(functions[id]?.(...args.map(unpack))));
    tell('reply', answer);
  });
  listen('reply', (packed: Packed) => {
    reply = packed;
  });
  listen('settle', ({ id, packed }: { id: number; packed: Packed }) => {
    const waiting = promises.get(id);
    promises.delete(id);
    try {
      waiting?.resolve(unpack(packed));
    } catch (error) {
      waiting?.reject(error as Error);
    }
  });
  listen('expose', ({ key, members }: { key: string; members: [string, Packed][] }) => {
    const api = Object.fromEntries(members.map(([name, packed]) => [name, unpack(packed)]));
    Object.defineProperty(page, key, { value: Object.freeze(api), enumerable: true });
  });
  return {
    expose: (key, api) => {
      const entries = Object.entries(api as object);
      tell('expose', { key, members: entries.map(([name, member]) => [name, pack(member)]) });
    },
  };
}

/** Runs the preload with the `require` of a sandboxed preload. Self-contained: its source runs in the page. */
function runPreload(
  preload: (require: unknown, process: object, exports: object, module: object) => void,
  codec: Codec,
  bridge: BridgeEnd,
  names: { sendBinding: string; receiveFunction: string; askedFiles: string; fileMark: string },
): void {
  type Listener = (event: object, ...args: unknown[]) => void;
  const page = globalThis as unknown as PageGlobal;
  const send = page[names.sendBinding] as (text: string) => void;
  const listeners = new Map<string, Listener[]>();
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let nextId = 1;

  page[names.receiveFunction] = (text: string): void => {
    const message = codec.decode(text) as
      { id: number; value: unknown } | { id: number; error: string } | { channel: string; args: unknown[] };
    if ('channel' in message) {
      for (const listener of listeners.get(message.channel)?.slice() ?? [])
        listener({ sender: ipcRenderer }, ...message.args);
      return;
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) call?.reject(new Error(message.error));
    else call?.resolve(message.value);
  };

  const refusing = <T extends object>(name: string, target: T): T =>
    new Proxy(target, {
      get: (object, key) => {
        if (key in object) return Reflect.get(object, key) as unknown;
        throw new Error(`The stand-in for Electron has no ${name}.${String(key)} for a preload.`);
      },
    });
  const ipcRenderer: object = refusing('ipcRenderer', {
    invoke: (channel: string, ...args: unknown[]): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        // Throws where Electron throws: on functions, proxies, and everything else that has no clone.
        const text = codec.encode({ id, channel: String(channel), args: structuredClone(args) });
        waiting.set(id, { resolve, reject });
        send(text);
      }),
    on: (channel: string, listener: Listener): object => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    off: (channel: string, listener: Listener): object => {
      const left = [...(listeners.get(channel) ?? [])];
      const index = left.lastIndexOf(listener);
      if (index >= 0) left.splice(index, 1);
      listeners.set(channel, left);
      return ipcRenderer;
    },
  });
  const contextBridge = refusing('contextBridge', {
    exposeInMainWorld: (key: string, api: unknown): void => bridge.expose(key, api),
  });
  const files: unknown[] = [];
  page[names.askedFiles] = files;
  const webUtils = refusing('webUtils', {
    getPathForFile: (file: unknown): string => {
      if (!(file instanceof File)) throw new TypeError('getPathForFile expected to receive one argument of type File.');
      return `${names.fileMark}${files.push(file) - 1}`;
    },
  });
  const electron = refusing('electron', { contextBridge, ipcRenderer, webUtils });
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const timers = { setTimeout, clearTimeout, setInterval, clearInterval };
  const url = { URL, URLSearchParams };
  // What Electron's documentation lists for sandboxed preloads, less `events`, which nothing here uses.
  const modules = new Map<string, object>([
    ['electron', electron],
    ['electron/renderer', electron],
    ['electron/common', electron],
    ...['timers', 'node:timers'].map((name): [string, object] => [name, timers]),
    ...['url', 'node:url'].map((name): [string, object] => [name, url]),
  ]);
  const require = (name: string): object => {
    const found = modules.get(name);
    if (!found) throw new Error(`module not found: ${name}`);
    return found;
  };
  const module = { exports: {} };
  preload(
    require,
    refusing('process', { sandboxed: true, contextIsolated: true, type: 'renderer' }),
    module.exports,
    module,
  );
}

/** The scripts of a window: `main` for the page's world, `preload` for the isolated one. Preloads run in the top frame only. */
export function worldScripts(preloadSource: string, nonce: string): { main: string; preload: string } {
  const end = `(${createBridgeEnd.toString()})`;
  const names = JSON.stringify({ sendBinding, receiveFunction, askedFiles, fileMark });
  return {
    main: `if (window === window.top) ${end}('${nonce}:main', '${nonce}:isolated');`,
    preload: `if (window === window.top) {
      const codec = (${createCodec.toString()})();
      const bridge = ${end}('${nonce}:isolated', '${nonce}:main');
      try {
        (${runPreload.toString()})(function (require, process, exports, module) {\n${preloadSource}\n}, codec, bridge, ${names});
      } catch (error) {
        ${sendBinding}(codec.encode({ preloadError: String(error && error.stack || error) }));
      }
    }`,
  };
}
