/** @file A launch of the browser mode that a specification starts and ends itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Served = { link: URL; pid: number; stop: () => Promise<void> };

/** `port` 0: any. */
export async function serve(workspace: string, port = 0): Promise<Served> {
  const args = ['scripts/surprisal.mjs', 'browse', '--workspace', workspace, '--port', String(port)];
  const server = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  return {
    link: new URL(line.toString().trim()),
    pid: server.pid ?? 0,
    stop: async () => {
      const closed = once(server, 'close');
      server.kill('SIGTERM');
      await closed;
    },
  };
}
