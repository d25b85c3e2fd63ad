/**
 * @file Runs the end-to-end specifications with the system's Chromium or Chrome: in the browser, in the stand-in for Electron, and in
 * Electron where its runtime is. What is not there is said and left out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { buildIfStale } from './build.mjs';
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
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return { reason: 'there is no display' };
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return { reason: 'its runtime is not installed' };
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist');
  const path = join(dist, readFileSync(pathFile, 'utf8').trim());
  return existsSync(path) ? { path } : { reason: `${path} is not there` };
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
