/** @file Plain-Node entry of the browser mode: the same app as in Electron, served on loopback for one launch. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../shared/errors.ts';
import { openEntrance } from './app/entrance.ts';
import { createNodeHost } from './host/nodeHost.ts';
import { startServer } from './http/server.ts';
import { appVersion } from './version.ts';

const rendererDirectory = fileURLToPath(new URL('../../out/renderer', import.meta.url));

/** Serves until the process is told to stop. The link goes to stdout, alone on its line. */
export async function serve(options: { workspaceDirectory: string; port: number }): Promise<void> {
  if (!existsSync(join(rendererDirectory, 'index.html'))) {
    throw new AppError('BAD_INPUT', 'The renderer is not built. Run npm run build once.');
  }
  const app = await openEntrance(createNodeHost(appVersion()), options);
  const server = await startServer({
    app,
    rendererDirectory,
    port: options.port,
  }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const problem = app.problem();
  if (problem) process.stderr.write(`${problem.message}\nThe page behind the link says what can be done.\n`);
  process.stdout.write(`${server.url}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await server.close();
  await app.close();
}
