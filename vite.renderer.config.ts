/** @file Builds the renderer by itself, for working on it. The product's build is electron-vite's. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/renderer',
  base: './',
  plugins: [svelte()],
  build: { outDir: '../../out/renderer', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
