/** @file Logs that come and go: taken twice, at once, by upload, and removed while what was learned from them goes on. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

let learned: Learned;
let test: TestApp;

beforeAll(async () => {
  learned = await learnOffice();
});
afterEach(() => test.close());

describe('an import', () => {
  it('of the same file twice at once makes one source, and its second job says so', async () => {
    test = await openApp(join(testFolder(), 'workspace'));
    const token = await test.offer(learned.watched.path);
    const [one, two] = await Promise.all([
      test.ask('sources.import', { token, thenScore: false }),
      test.ask('sources.import', { token: await test.offer(learned.watched.path), thenScore: false }),
    ]);
    const jobs = await Promise.all([test.finished(one.jobId), test.finished(two.jobId)]);
    expect(jobs.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(jobs[1]?.outcome).toMatch(/was read before/);
    expect(await test.ask('sources.list', {})).toHaveLength(1);
    expect((await test.ask('status.get', {})).eventCount).toBe(learned.watched.lines.length);
  });

  it('that is scored at once raises the alerts that scoring it later raises', async () => {
    test = await openApp(await learned.copy());
    const token = await test.offer(learned.watched.path);
    const { jobId } = await test.ask('sources.import', { token, thenScore: true });
    const job = await test.finished(jobId);
    expect(job.outcome).toMatch(
      /^1,004 lines of watched\.log read\. \d+ alerts in 1,004 lines\. .*asked for were 1,000/,
    );
    const before = (await test.ask('alerts.list', { tab: 'open' })).rows.map(({ id }) => id);
    expect(before.length).toBeGreaterThan(4);
    await scoreSources(test, job.sourceIds);
    expect((await test.ask('alerts.list', { tab: 'open' })).rows.map(({ id }) => id)).toEqual(before);
  });

  it('of an upload leaves no copy of it, and a failed one is named as the user knows it', async () => {
    test = await openApp(join(testFolder(), 'workspace'));
    const incoming = test.app.uploadDirectory();
    mkdirSync(incoming, { recursive: true });
    const upload = async (name: string, content: string | Uint8Array): Promise<string> => {
      writeFileSync(join(incoming, name), content);
      return (await test.app.offerFile(join(incoming, name), { name: 'mine.log', isTemporary: true })).token;
    };
    const good = await test.ask('sources.import', { token: await upload('1.upload', 'a line\n'), thenScore: false });
    expect((await test.finished(good.jobId)).state).toBe('done');
    expect((await test.ask('sources.list', {})).map(({ name }) => name)).toEqual(['mine.log']);
    expect(readdirSync(incoming)).toEqual([]);
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const bad = await test.ask('sources.import', { token: await upload('2.upload', png), thenScore: false });
    const job = await test.finished(bad.jobId);
    expect(job).toMatchObject({ state: 'failed', error: expect.stringMatching(/^mine\.log is a PNG/) as string });
    await test.close();
    expect(readdirSync(incoming)).toEqual([]);
  });
});

describe('a log that is removed', () => {
  it('takes its lines and alerts along, and leaves those of others as they were', async () => {
    test = await openApp(await learned.copy());
    const sourceId = await importLog(test, learned.watched.path);
    await scoreSources(test, [sourceId]);
    const quiet = (await test.ask('sources.list', {})).find(({ id }) => id !== sourceId);
    const laterPath = join(testFolder(), 'later.log');
    writeFileSync(laterPath, learned.watched.lines.slice(1).join('\n'));
    const later = await importLog(test, laterPath);
    const alerts = async (): Promise<unknown> =>
      (await test.ask('alerts.list', { tab: 'open' })).rows.map(({ id, template, score }) => ({
        id,
        template,
        score,
      }));
    const before = await alerts();
    await test.ask('sources.delete', { sourceId: quiet?.id ?? 0 });
    await test.ask('sources.delete', { sourceId: later });
    // Kinds of line whose example was in one of them are shown by what is left of them.
    expect(await alerts()).toEqual(before);
    expect((await test.refusal('logs.read', { sourceId: quiet?.id, afterLine: 0, limit: 1 })).code).toBe('NOT_FOUND');
    const found = await test.ask('logs.search', { text: 'sshd', afterEventId: 0, limit: 200 });
    expect(new Set(found.lines.map(({ sourceName }) => sourceName))).toEqual(new Set(['watched.log']));
    await test.close();

    test = await openApp(test.app.parts.services.directory);
    expect(await alerts()).toEqual(before);
    expect(await scoreSources(test, [sourceId])).toMatchObject({ state: 'done' });
    expect(await alerts()).toEqual(before);
  });

  it('is kept while a verdict or a case stands on it', async () => {
    test = await openApp(await learned.copy());
    const sourceId = await importLog(test, learned.watched.path);
    await scoreSources(test, [sourceId]);
    const [alert] = (await test.ask('alerts.list', { tab: 'open' })).rows;
    await test.ask('verdicts.give', { alertId: alert?.id ?? '', value: 'true_positive' });
    const refused = await test.refusal('sources.delete', { sourceId });
    expect(refused).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/decided or in a case/) as string,
    });
    await test.ask('actions.undo', {});
    await test.ask('sources.delete', { sourceId });
    expect((await test.ask('alerts.list', { tab: 'open' })).counts.open).toBe(0);
    expect((await test.ask('status.get', {})).eventCount).toBe(learned.quiet.lines.length);
  });
});
