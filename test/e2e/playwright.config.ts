import { defineConfig } from '@playwright/test';
import type { HostName } from './hosts.ts';

/** Electron's project is there when scripts/e2e.mjs found its runtime; why not, it has said. */
const hostNames: HostName[] = [
  'browser',
  'stand-in',
  ...(process.env['SURPRISAL_ELECTRON'] ? ['electron' as const] : []),
];

export default defineConfig<{ hostName: HostName }>({
  testDir: '.',
  testMatch: '*.spec.ts',
  workers: 2,
  // A second try tells a race from a fault: the list says "flaky", and a fault fails twice.
  retries: 1,
  timeout: 240_000,
  globalTimeout: 1_500_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  outputDir: '../../test-results',
  projects: [
    ...hostNames.map((hostName) => ({ name: hostName, use: { hostName } })),
    { name: 'shell', testDir: '../standin' },
  ],
});
