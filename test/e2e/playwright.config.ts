import { defineConfig } from '@playwright/test';

/** The path comes from scripts/e2e.mjs, which found a Chromium or a Chrome; nothing is downloaded. */
const executablePath = process.env['SURPRISAL_CHROMIUM'];

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  workers: 1,
  timeout: 240_000,
  globalTimeout: 600_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  outputDir: '../../test-results',
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      // As root there is no sandbox for the browser; the rest keeps it from calling home.
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
