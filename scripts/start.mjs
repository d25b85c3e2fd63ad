/** @file `npm start`: builds what is stale and opens the desktop app, or says why it cannot and serves the same app to the browser. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale } from './build.mjs';
import { preflight, root } from './preflight.mjs';

const downloadTimeoutMs = 300_000;

/** Where the operating system keeps an application's data. */
function defaultWorkspace() {
  if (process.platform === 'win32')
    return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Surprisal', 'workspace');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Surprisal', 'workspace');
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'surprisal', 'workspace');
}

/** Path of Electron's executable if its runtime is here. */
function electronPath() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const folder = join(root, 'node_modules', 'electron');
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return override ? join(override, 'electron') : undefined;
  const executable = join(override ?? join(folder, 'dist'), readFileSync(pathFile, 'utf8').trim());
  return existsSync(executable) ? executable : undefined;
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Why the desktop app cannot open, in half a sentence; undefined when it can. */
function whyNoElectron() {
  if (!hasDisplay()) return 'there is no display';
  if (electronPath()) return undefined;
  process.stderr.write('Electron’s runtime is not here yet; trying to download it.\n');
  const install = join(root, 'node_modules', 'electron', 'install.js');
  spawnSync(process.execPath, [install], { cwd: root, stdio: 'ignore', timeout: downloadTimeoutMs });
  return electronPath() ? undefined : 'Electron’s runtime is not installed and could not be downloaded';
}

preflight();
const { values } = parseArgs({
  options: { serve: { type: 'boolean' }, workspace: { type: 'string' }, port: { type: 'string' } },
  allowPositionals: false,
});
buildIfStale({ quiet: false });
const workspace = values.workspace ?? defaultWorkspace();
const reason = values.serve ? undefined : whyNoElectron();

if (!values.serve && reason === undefined) {
  const child = spawn(electronPath(), [root], {
    stdio: 'inherit',
    env: { ...process.env, SURPRISAL_WORKSPACE: workspace },
  });
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  const why = reason ? `The desktop window cannot open: ${reason}. ` : '';
  process.stderr.write(`${why}Open this link in a browser on this computer (Ctrl+C ends it):\n`);
  const { main } = await import('../src/main/cli/main.ts');
  process.exit(await main(['serve', '--workspace', workspace, ...(values.port ? ['--port', values.port] : [])]));
}
