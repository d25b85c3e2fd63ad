/** @file What the renderer says when the host fails. Catches a list that is old without saying so, and a failure that has no place on screen. */
import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/shared/jobs.ts';
import { AppError } from '../../src/shared/errors.ts';
import { JobsState } from '../../src/renderer/state/jobs.svelte.ts';
import { LogsState } from '../../src/renderer/state/logs.svelte.ts';
import { QueueState } from '../../src/renderer/state/queue.svelte.ts';
import { Start } from '../../src/renderer/state/start.svelte.ts';
import { FakeHost, FakeTransport } from './helpers/fakeTransport.ts';

const failure = new AppError('STORE_CORRUPT', 'The database is damaged.');
const fails = (): never => {
  throw failure;
};

describe('a list that cannot be read again', () => {
  it('stays as it was and says why; the next success takes that away', async () => {
    const host = new FakeHost(3);
    const queue = new QueueState(host.transport);
    await queue.load();
    const { 'alerts.list': answer } = host.transport.handlers;
    host.transport.handlers['alerts.list'] = fails;
    await queue.refresh();
    expect(queue.list.rows).toHaveLength(3);
    expect([queue.phase, queue.error]).toEqual(['ready', failure.message]);
    if (answer) host.transport.handlers['alerts.list'] = answer;
    await queue.refresh();
    expect(queue.error).toBeNull();
  });
});

describe('a search that fails', () => {
  it('has its place on screen, also when it was the first', async () => {
    const logs = new LogsState(new FakeTransport({ 'logs.search': fails }));
    logs.searchText = 'root';
    await logs.search();
    expect([logs.matches, logs.searchError, logs.isSearching]).toEqual([[], failure.message, false]);
  });
});

describe('jobs', () => {
  it('are listed as they came, whatever the clock said', async () => {
    const job = (id: string, startedAt: number) =>
      ({ id, startedAt, state: 'running', training: null }) as unknown as Job;
    const jobs = new JobsState(new FakeTransport({ 'jobs.list': () => [job('second', 10), job('first', 99)] }));
    await jobs.load();
    jobs.accept(job('third', 5));
    jobs.accept(job('first', 99));
    expect(jobs.all.map(({ id }) => id)).toEqual(['third', 'second', 'first']);
  });
});

describe('the start', () => {
  const blocked = {
    state: 'blocked',
    code: 'STORE_CORRUPT',
    message: failure.message,
    directory: '/w',
    offer: null,
  } as const;

  it('is blocked until the host says otherwise, and a try that fails says why', async () => {
    const transport = new FakeTransport({
      'start.get': () => blocked,
      'start.retry': () => blocked,
      'start.restore': fails,
    });
    const start = new Start(transport);
    expect(await start.check()).toBe(false);
    await start.retry();
    expect([start.problem, start.error, start.isBusy]).toEqual([blocked, null, false]);
    await start.restore('x');
    expect([start.problem, start.error, start.isBusy]).toEqual([blocked, failure.message, false]);
    expect(start.accept({ state: 'open' })).toBe(true);
    expect(start.accept({ state: 'open' })).toBe(false);
    expect(start.problem).toBeNull();
  });

  it('is no obstacle where the workspace is open with damage in it', async () => {
    const damaged = { ...blocked, state: 'damaged' } as const;
    const start = new Start(new FakeTransport({ 'start.get': () => damaged }));
    expect(await start.check()).toBe(true);
    expect(start.problem).toEqual(damaged);
  });
});
