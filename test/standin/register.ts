/**
 * @file Loaded with `--import` before the app's main bundle: from here on `electron` is the stand-in, in the main thread and nowhere else, and
 * `fork` does not work for the app, which is what the packaged Electron's fuses do.
 */
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'node:child_process' && isOfApp(context.parentURL))
      return { url: new URL('childProcess.ts', import.meta.url).href, shortCircuit: true };
    if (specifier !== 'electron') return next(specifier, context);
    if (!isMainThread) throw new Error('Electron’s modules are not there in worker threads.');
    return { url: new URL('electron.ts', import.meta.url).href, shortCircuit: true };
  },
});

/** Not the stand-in itself, which starts its processes with it. */
function isOfApp(url: string | undefined): boolean {
  return url !== undefined && !url.startsWith(new URL('.', import.meta.url).href) && !url.includes('/node_modules/');
}
