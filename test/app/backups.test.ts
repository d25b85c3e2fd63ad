/** @file When backups are made. Catches one that is made without need, one that is not made, and one that runs into a job. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { Backups } from '../../src/main/app/backups.ts';
import type { Services } from '../../src/main/app/services.ts';
import { importLog, openApp, type TestApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { quietOffice, writeOffice } from '../helpers/office.ts';

const hour = 3_600_000;

it('one on closing after a change, the next not before four hours and another change, a clock set back or not', async () => {
  const workspace = join(testFolder(), 'workspace');
  const names = (): string[] => readdirSync(join(workspace, 'backups'));
  let now = Date.UTC(2026, 10, 20, 12);
  const session = async (work: (test: TestApp) => Promise<unknown>): Promise<void> => {
    const test = await openApp(workspace, { now: () => now });
    await work(test);
    await test.close();
  };
  const rename = (name: string) => (test: TestApp) => test.ask('workspace.set_analyst', { name });

  await session(() => Promise.resolve());
  expect(names()).toEqual([]); // nothing but its own beginning
  await session(rename('a'));
  expect(names()).toHaveLength(1);
  const [first] = names();
  now += hour;
  await session(rename('b'));
  expect(names()).toEqual([first]); // too soon
  now += 4 * hour;
  await session(rename('c'));
  const [second] = names();
  expect(names()).toHaveLength(1); // of the same day: the newer one is kept
  expect(second).not.toBe(first);
  now += 5 * hour;
  await session(() => Promise.resolve());
  expect(names()).toEqual([second]); // nothing changed
  now -= 40 * hour;
  await session(rename('d'));
  expect(names()).toHaveLength(2); // the clock was set back: two days of its own
});

it('none while a job runs, one when it is quiet, told by the status', async () => {
  const folder = testFolder();
  const { path } = writeOffice(join(folder, 'quiet.log'), { ...quietOffice, lines: 4000 });
  const test = await openApp(join(folder, 'workspace'));
  const { backups } = test.app.parts;
  const { jobId } = await test.ask('sources.import', { token: await test.offer(path), thenScore: false });
  await backups.makeWhenDue();
  expect(backups.status).toEqual({ newest: null, problem: null });
  await test.finished(jobId);
  const told = test.next('status.changed', ({ backup }) => backup.newest !== null);
  await Promise.all([backups.makeWhenDue(), backups.makeWhenDue()]); // asked twice, made once
  expect((await told).backup).toMatchObject({ problem: null });
  const sourceId = await importLog(test, path); // and the app goes on
  expect(sourceId).toBe(1);
  await test.close();
  expect(readdirSync(join(folder, 'workspace', 'backups'))).toHaveLength(1);
});

it('one is made although there is never a quiet moment, and none for each change', () => {
  vi.useFakeTimers();
  try {
    const services = { opened: { newestBackup: null } } as unknown as Services;
    const backups = new Backups(services, { isBusy: () => false, changed: () => undefined });
    const made = vi.spyOn(backups, 'makeWhenDue').mockResolvedValue();
    // As a log that is followed tells of its lines.
    for (let second = 0; second < 3600; second++) {
      backups.noteChange();
      vi.advanceTimersByTime(1000);
    }
    expect(made.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(made.mock.calls.length).toBeLessThanOrEqual(4);
  } finally {
    vi.useRealTimers();
  }
});
