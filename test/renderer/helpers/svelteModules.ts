/** @file Compiles the renderer's rune modules for Vitest, always as for the browser: in server code, runes are not reactive. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileModule } from 'svelte/compiler';
import type { Plugin } from 'vite';

/** Outside of a browser, the package gives plain maps and sets. */
const reactiveMaps = join(
  dirname(createRequire(import.meta.url).resolve('svelte/package.json')),
  'src/reactivity/index-client.js',
);

export function svelteModules(): Plugin {
  return {
    name: 'svelte-modules',
    // After Vite has taken the types out.
    enforce: 'post',
    resolveId: { order: 'pre', handler: (id) => (id === 'svelte/reactivity' ? reactiveMaps : null) },
    transform(code, id) {
      const filename = id.split('?')[0] ?? id;
      if (!filename.endsWith('.svelte.ts')) return null;
      const { js } = compileModule(code, { filename, generate: 'client', dev: false });
      return { code: js.code, map: js.map };
    },
  };
}
