/**
 * @file Runs the end-to-end specifications with the system's Chromium or Chrome: in the browser, in the stand-in for Electron, and in
 * Electron where its runtime is. What is not there is said and left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { electronPath, hasDisplay } from './electron.mjs';
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

/** Electron's executable, or why the specifications cannot run in it. */
function findElectron() {
  if (!hasDisplay()) return { reason: 'there is no display' };
  const path = electronPath(root);
  return path ? { path } : { reason: 'its runtime is not installed' };
}

preflight();
const chromium = findChromium();
if (!chromium) {
  process.stdout.write('End-to-end specifications skipped: no Chromium or Chrome was found on this machine.\n');
  process.exit(0);
}
buildIfStale({ quiet: false });
const electron = findElectron();
if (electron.reason) process.stdout.write(`Specifications in Electron itself skipped: ${electron.reason}.\n`);
const cli = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
const result = spawnSync(
  process.execPath,
  [cli, 'test', '-c', join('test', 'e2e', 'playwright.config.ts'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      SURPRISAL_CHROMIUM: chromium,
      ...(electron.path ? { SURPRISAL_ELECTRON: electron.path } : {}),
    },
  },
);
process.exit(result.status ?? 1);
