/** @file Runs the end-to-end specifications in the system's Chromium or Chrome; where there is none, says so and passes. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { preflight, root } from './preflight.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const fixed = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(process.env.PROGRAMFILES ?? 'C:\\Program Files', 'Google', 'Chrome', 'Application', 'chrome.exe'),
];

export function findChromium() {
  const given = process.env.SURPRISAL_CHROMIUM;
  if (given) return given;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...fixed].find((path) =>
    existsSync(path),
  );
}

preflight();
const chromium = findChromium();
if (!chromium) {
  process.stdout.write('End-to-end specifications skipped: no Chromium or Chrome was found on this machine.\n');
  process.exit(0);
}
const cli = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
const result = spawnSync(
  process.execPath,
  [cli, 'test', '-c', join('test', 'e2e', 'playwright.config.ts'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SURPRISAL_CHROMIUM: chromium },
  },
);
process.exit(result.status ?? 1);
