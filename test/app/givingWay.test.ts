/** @file Training beside triage: a verdict asks the trainer to give way. Catches a trainer that is not asked, and one that is asked when it is gone. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JobContext } from '../../src/main/app/jobs.ts';
import { runInTrainer } from '../../src/main/app/training/runTraining.ts';
import { importLog, openApp, scoreSources } from '../helpers/app.ts';
import { fileFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';

test('a verdict and its undo ask a trainer that runs to give way, and none that has ended', async () => {
  const learned = await learnOffice();
  const app = await openApp(await learned.copy(join(fileFolder(), 'workspace')));
  onTestFinished(() => app.close());
  await scoreSources(app, [await importLog(app, learned.watched.path)]);
  const [row] = (await app.ask('alerts.list', { tab: 'open' })).rows;
  const asked: unknown[] = [];
  const { services } = app.app.parts;
  const job = { signal: new AbortController().signal, setPausing: () => undefined } as unknown as JobContext;
  const done = Promise.withResolvers<string>();
  const running = runInTrainer(
    {
      ...services,
      host: {
        ...services.host,
        startTrainer: () => ({
          port: {
            post: (message) => void asked.push(message),
            onMessage: () => undefined,
            onGone: () => undefined,
          },
          kill: () => Promise.resolve(),
          pid: undefined,
        }),
      },
    },
    () => done.promise,
    { job, onProgress: () => undefined },
  );
  await app.ask('verdicts.give', { alertId: row?.id ?? '', value: 'undetermined' });
  await app.ask('actions.undo', {});
  expect(asked).toMatchObject([{ method: 'give_way' }, { method: 'give_way' }]);
  done.resolve('trained');
  expect(await running).toBe('trained');
  await app.ask('actions.redo', {});
  expect(asked).toHaveLength(2);
});
