/** @file Builds main, preload, trainer and renderer into out/, unless what is there was built from the same files. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { preflight, root } from './preflight.mjs';

const inputs = ['src', 'trainer', 'resources', 'package.json', 'package-lock.json', 'electron.vite.config.ts'];
const stampPath = join(root, 'out', 'stamp');

function* filesOf(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) yield path;
  else for (const name of readdirSync(path).sort()) yield* filesOf(join(path, name));
}

/** Hash over the content of everything that is built. */
function currentStamp() {
  const hash = createHash('sha256');
  for (const input of inputs)
    for (const path of filesOf(join(root, input))) hash.update(path).update(readFileSync(path));
  return hash.digest('hex');
}

export function buildIfStale({ quiet }) {
  const stamp = currentStamp();
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return;
  if (!quiet) process.stderr.write('Building the app.\n');
  const bin = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const result = spawnSync(process.execPath, [bin, 'build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status !== 0) {
    process.stderr.write(`The build failed.\n${result.stdout}${result.stderr}\n`);
    process.exit(1);
  }
  writeFileSync(stampPath, stamp);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  preflight();
  buildIfStale({ quiet: false });
}
