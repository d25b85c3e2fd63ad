/** @file Electron's runtime: where it is, and why the desktop app cannot open where it is not. It is tried for once a day, briefly and in view. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const downloadTimeoutMs = 60_000;
/** After a try that failed, the next one is not made before this: every start would wait for it. */
const retryAfterMs = 24 * 3_600_000;
const install = join('node_modules', 'electron', 'install.js');

/** Path of Electron's executable if its runtime is here. */
export function electronPath(root, env = process.env) {
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return override ? join(override, 'electron') : undefined;
  const executable = join(override ?? join(folder, 'dist'), readFileSync(pathFile, 'utf8').trim());
  return existsSync(executable) ? executable : undefined;
}

export function hasDisplay(env = process.env) {
  return process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Why the desktop app cannot open, in half a sentence; undefined when it can. `say` is told before it takes long. */
export function whyNoElectron(root, { env = process.env, say, download = downloadIt }) {
  if (!hasDisplay(env)) return 'there is no display';
  if (electronPath(root, env)) return undefined;
  const how = `To get it, run "node ${install}" where its download can be reached`;
  const triedPath = join(root, 'node_modules', '.cache', 'surprisal', 'electron-tried');
  if (triedLately(triedPath)) return `Electron’s runtime is not installed. ${how}`;
  say(`Electron’s runtime is not here yet: downloading it, for ${downloadTimeoutMs / 1000} s at most.`);
  const failure = download(root);
  if (electronPath(root, env)) return undefined;
  rememberTry(triedPath);
  return `Electron’s runtime could not be downloaded (${failure}). ${how}; by itself it is tried again tomorrow`;
}

/** A file from the future, of a clock that was set back, does not count. */
function triedLately(triedPath) {
  const age = Date.now() - (statSync(triedPath, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return age >= 0 && age < retryAfterMs;
}

function rememberTry(triedPath) {
  try {
    mkdirSync(dirname(triedPath), { recursive: true });
    writeFileSync(triedPath, '');
  } catch {
    // A folder that cannot be written: the next start tries again.
  }
}

/** Gives why it failed, if it did, in a few words: the last line that names an error. */
function downloadIt(root) {
  const stdio = ['ignore', 'inherit', 'pipe'];
  const tried = spawnSync(process.execPath, [join(root, install)], { cwd: root, stdio, timeout: downloadTimeoutMs });
  if (tried.error?.code === 'ETIMEDOUT') return 'it took too long';
  const lines = String(tried.stderr ?? '').split('\n');
  const named = lines.findLast((line) => /error/i.test(line));
  return named?.trim().slice(0, 120) ?? 'no reason was given';
}
