import { defineConfig } from 'vitest/config';
import { svelteModules } from './test/renderer/helpers/svelteModules.ts';

export default defineConfig({
  plugins: [svelteModules()],
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'],
    // Native sessions and databases are real here: a worker process per file keeps them apart.
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['test/helpers/sharedFolder.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A second try tells a race of a busy machine from a fault, as in test/e2e: the report marks it as retried, and a fault fails twice.
    retry: 1,
  },
});
