/** @file Compiles the renderer's rune modules for Vitest, always as for the browser: in server code, runes are not reactive. */
import { compileModule } from 'svelte/compiler';
import type { Plugin } from 'vite';

export function svelteModules(): Plugin {
  return {
    name: 'svelte-modules',
    // After Vite has taken the types out.
    enforce: 'post',
    transform(code, id) {
      const filename = id.split('?')[0] ?? id;
      if (!filename.endsWith('.svelte.ts')) return null;
      const { js } = compileModule(code, { filename, generate: 'client', dev: false });
      return { code: js.code, map: js.map };
    },
  };
}
