/** @file Loaded with `--import` before the app's main bundle: from here on `electron` is the stand-in, in the main thread and nowhere else. */
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron') return next(specifier, context);
    if (!isMainThread) throw new Error('Electron’s modules are not there in worker threads.');
    return { url: new URL('electron.ts', import.meta.url).href, shortCircuit: true };
  },
});
