/** @file `npm start`: builds what is stale and opens the desktop app, or says why it cannot and serves the same app to the browser. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale } from './build.mjs';
import { electronPath, whyNoElectron } from './electron.mjs';
import { preflight, root } from './preflight.mjs';

/** Where the operating system keeps an application's data. */
function defaultWorkspace() {
  if (process.platform === 'win32')
    return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Surprisal', 'workspace');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Surprisal', 'workspace');
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'surprisal', 'workspace');
}

preflight();
const { values } = parseArgs({
  options: { serve: { type: 'boolean' }, workspace: { type: 'string' }, port: { type: 'string' } },
  allowPositionals: false,
});
buildIfStale({ quiet: false });
const workspace = values.workspace ?? defaultWorkspace();
const say = (text) => process.stderr.write(`${text}\n`);
const reason = values.serve ? undefined : whyNoElectron(root, { say });

if (!values.serve && reason === undefined) {
  const child = spawn(electronPath(root), [root], {
    stdio: 'inherit',
    env: { ...process.env, SURPRISAL_WORKSPACE: workspace },
  });
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  const why = reason ? `The desktop window cannot open: ${reason}. ` : '';
  process.stderr.write(`${why}Open this link in a browser on this computer (Ctrl+C ends it):\n`);
  const { main } = await import('../src/main/cli/main.ts');
  process.exit(await main(['browse', '--workspace', workspace, ...(values.port ? ['--port', values.port] : [])]));
}
