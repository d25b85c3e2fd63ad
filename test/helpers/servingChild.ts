/** @file An app served in a process of its own, for tests that end it: says its link, then the pid of every trainer it starts. */
import { join } from 'node:path';
import { openEntrance } from '../../src/main/app/entrance.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import { startServer } from '../../src/main/http/server.ts';

const [workspaceDirectory = ''] = process.argv.slice(2);
const host = createNodeHost('test');
const app = await openEntrance(
  {
    ...host,
    startTrainer: () => {
      const trainer = host.startTrainer();
      process.stdout.write(`trainer ${trainer.pid}\n`);
      return trainer;
    },
  },
  { workspaceDirectory },
);
const server = await startServer({
  app,
  rendererDirectory: join(workspaceDirectory, 'no-renderer'),
});
process.stdout.write(`${server.url}\n`);
