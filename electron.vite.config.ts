import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

/** Threads and processes are entries of their own: main starts them by file name from its own folder. */
const entries = {
  index: 'src/main/index.ts',
  storeThread: 'src/main/store/thread.ts',
  engine: 'src/main/engine/main.ts',
  importThread: 'src/main/app/importThread.ts',
  textDataThread: 'src/main/app/training/textDataThread.ts',
  reportThread: 'src/main/report/thread.ts',
  trainer: 'trainer/main.ts',
  adapt: 'trainer/adapt.ts',
};

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: entries,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: 'src/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    base: './',
    plugins: [svelte()],
    build: {
      outDir: 'out/renderer',
      // A data: URL would need a hole in the content-security policy.
      assetsInlineLimit: 0,
      rolldownOptions: { input: 'src/renderer/index.html' },
    },
  },
});
