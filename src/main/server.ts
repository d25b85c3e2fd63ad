/** @file Plain-Node entry of the browser mode: the same app as in Electron, served on loopback for one launch; with the local API where it is asked for. */
import { printable } from '../shared/hidden.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApiState } from '../shared/api.ts';
import { AppError, type Result } from '../shared/errors.ts';
import { openEntrance, type Entrance } from './app/entrance.ts';
import { createNodeHost } from './host/nodeHost.ts';
import { startServer } from './http/server.ts';
import { appVersion } from './version.ts';

const rendererDirectory = fileURLToPath(new URL('../../out/renderer', import.meta.url));

/**
 * Serves until the process is told to stop. The link goes to stdout, alone on its line. `apiPort`: the API must run there, or BAD_INPUT is
 * thrown; null: its switch decides.
 */
export async function serve(options: {
  workspaceDirectory: string;
  port: number;
  apiPort: number | null;
}): Promise<void> {
  if (!existsSync(join(rendererDirectory, 'index.html'))) {
    throw new AppError('BAD_INPUT', 'The renderer is not built. Run npm run build once.');
  }
  const { workspaceDirectory, apiPort } = options;
  const asked = { workspaceDirectory, ...(apiPort === null ? {} : { apiPort }) };
  const app = await openEntrance(createNodeHost(appVersion()), asked);
  await sayApi(app, apiPort).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const server = await startServer({
    app,
    rendererDirectory,
    port: options.port,
  }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const problem = app.problem();
  if (problem) process.stderr.write(`${printable(problem.message)}\nThe page behind the link says what can be done.\n`);
  process.stdout.write(`${server.url}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await server.close();
  await app.close();
}

/** On stderr where the API answers; throws why it does not though it was asked for. Without a workspace the page says what is wrong. */
async function sayApi(app: Entrance, apiPort: number | null): Promise<void> {
  if (app.problem()) return;
  const answer = (await app.dispatch('api.get', {})) as Result<ApiState>;
  if (!answer.ok) return;
  const { runsAt, problem } = answer.data;
  if (runsAt !== null) process.stderr.write(`The API answers on http://127.0.0.1:${runsAt}, /openapi.json says how.\n`);
  if (problem === null) return;
  if (apiPort !== null) throw new AppError('BAD_INPUT', problem);
  process.stderr.write(`${printable(problem)}\n`);
}
