/** @file Opening logs. Catches a chosen file that is hidden behind one that was read long ago, and an ended job that a late list brings back. */
import { expect, it } from 'vitest';
import type { Job } from '../../src/shared/jobs.ts';
import type { Preview } from '../../src/shared/sources.ts';
import { JobsState } from '../../src/renderer/state/jobs.svelte.ts';
import { OpenState } from '../../src/renderer/state/open.svelte.ts';
import { FakeTransport } from './helpers/fakeTransport.ts';

it('a file chosen after one was read is the one in view; behind one that waits it is a tab', () => {
  const open = new OpenState(new FakeTransport({}));
  const names = ['read.log', 'waiting.log', 'third.log'];
  const [read, waiting, third] = names.map((name) => new File(['a line\n'], name));
  if (!read || !waiting || !third) throw new Error('Three files were made.');
  open.addFiles([read]);
  if (open.current) open.current.stage = 'imported';
  open.addFiles([waiting]);
  expect(open.current?.name).toBe('waiting.log');
  open.addFiles([third]);
  expect(open.current?.name).toBe('waiting.log');
  expect(open.items.map(({ name }) => name)).toEqual(names);
});

it('all that wait are imported with one key, in the order they were chosen, and no other again', async () => {
  const asked: unknown[] = [];
  const open = new OpenState(
    new FakeTransport({
      'sources.import': (input) => {
        asked.push(input);
        return { jobId: `j${asked.length}` };
      },
      'jobs.list': () => [],
    }),
  );
  open.addFiles(['a.log', 'b.log', 'c.log', 'd.log'].map((name) => new File(['a line\n'], name)));
  for (const item of open.items) {
    item.stage = item.name === 'b.log' ? 'imported' : item.name === 'd.log' ? 'failed' : 'ready';
    item.preview = { file: { token: item.name }, detected: 'syslog3164', format: 'syslog3164' } as unknown as Preview;
    item.format = item.name === 'c.log' ? 'plain' : 'syslog3164';
  }
  await open.importAll(true);
  expect(asked).toEqual([
    { token: 'a.log', thenScore: true },
    { token: 'c.log', format: 'plain', thenScore: true },
  ]);
  expect(open.ready).toEqual([]);
});

it('a job that has ended does not run again because a list was late', async () => {
  const job = (state: Job['state']): Job => ({ id: 'a', state, training: null }) as unknown as Job;
  const jobs = new JobsState(new FakeTransport({ 'jobs.list': () => [job('running')] }));
  jobs.accept(job('done'));
  await jobs.load();
  expect(jobs.get('a')?.state).toBe('done');
  expect(jobs.running).toEqual([]);
});
