/** @file The process that learns from verdicts at once, in the app: what it does, and what is lost when it is killed (nothing). */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Arguments } from '../../src/main/cli/arguments.ts';
import { label } from '../../src/main/cli/commands.ts';
import { currentThreshold } from '../../src/main/app/thresholdInForce.ts';
import type { RunningProcess } from '../../src/main/host/host.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import { AppError } from '../../src/shared/errors.ts';
import { isMeant, type Label, type LearningWarning } from '../../src/shared/adaptProtocol.ts';
import type { AlertRow } from '../../src/shared/alerts.ts';
import type { Threshold } from '../../src/shared/thresholds.ts';
import { defaultLearning } from '../../src/shared/learning.ts';
import { importLog, learnFrom, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { killHard, needPid } from '../helpers/killHard.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { quietOffice, rogueLines, watchedOffice, writeOffice } from '../helpers/office.ts';

const host = createNodeHost('test');
let scored: string;
let test: TestApp;
let started: RunningProcess[];
/** While set, it cannot be started. */
let isBroken: boolean;

beforeAll(async () => {
  const folder = fileFolder();
  scored = join(folder, 'workspace');
  const app = await openApp(scored);
  const quiet = await importLog(app, writeOffice(join(folder, 'quiet.log'), quietOffice).path);
  const watched = await importLog(app, writeOffice(join(folder, 'watched.log'), watchedOffice, rogueLines).path);
  await learnFrom(app, [quiet]);
  await scoreSources(app, [watched]);
  await app.close();
});
afterEach(async () => test.close());

async function open(): Promise<void> {
  [started, isBroken] = [[], false];
  const workspace = join(testFolder(), 'workspace');
  cpSync(scored, workspace, { recursive: true });
  test = await openApp(workspace, {
    startAdapt: () => {
      if (isBroken) throw new Error('no process to be had');
      const process = host.startAdapt();
      started.push(process);
      return process;
    },
  });
}

const current = (): Promise<Threshold | undefined> => currentThreshold(test.app.parts.services);
const notices = async (): Promise<string[]> => (await test.ask('status.get', {})).notices;
const openIds = async (limit: number): Promise<string[]> =>
  (await test.ask('alerts.list', { tab: 'open', limit })).rows.map(({ id }) => id);
const refute = async (count: number): Promise<void> => {
  for (const alertId of await openIds(count))
    await test.ask('verdicts.give', { alertId, value: 'false_positive_logic' });
};
const back = async (): Promise<void> => expect.poll(notices, { timeout: 10_000 }).toEqual([]);

describe('the adapting process', () => {
  it('is there from the start on, and is gone with the app', async () => {
    await open();
    expect(started).toHaveLength(1);
    await test.close();
    expect(() => process.kill(needPid(started[0]?.pid), 0)).toThrow();
  });

  it('is killed: verdicts are kept, the threshold stays, the status says so, and what was decided meanwhile is learned when it is back', async () => {
    await open();
    const before = await current();
    isBroken = true;
    killHard(started[0]?.pid);
    await expect.poll(notices).toEqual([expect.stringMatching(/Verdicts are kept, and the threshold stays/)]);
    await refute(3);
    await test.app.parts.thresholds.settled();
    expect((await test.ask('status.get', {})).savedText).toBe('Verdicts saved');
    expect(await current()).toEqual(before);
    isBroken = false;
    await back();
    await test.app.parts.thresholds.settled();
    expect(await current()).toMatchObject({ reason: 'verdicts', verdictCount: 3 });
  });

  it('cannot be had: the command line says what of a verdict is not in force (it said nothing, as if all were)', async () => {
    await open();
    const [first = '', second = ''] = await openIds(2);
    const said: unknown[] = [];
    const give = (alert: string): Promise<void> =>
      label(test.app, new Arguments('label', { alert, verdict: 'false_positive_logic' }), (value) => said.push(value));
    await give(first);
    isBroken = true;
    killHard(started[0]?.pid);
    await expect.poll(notices).toHaveLength(1);
    await give(second);
    expect(said).toMatchObject([{ problem: null }, { problem: expect.stringMatching(/Verdicts are kept/) }]);
  });

  it('is down while the budget is set: that is in force at once (it was, and was said to have failed), and what verdicts teach on top of it when it is back', async () => {
    await open();
    await refute(3);
    await test.app.parts.thresholds.settled();
    isBroken = true;
    killHard(started[0]?.pid);
    await expect.poll(notices).toEqual([expect.stringMatching(/Verdicts are kept, and the threshold stays/)]);
    await test.ask('thresholds.set_budget', { budget: { alerts: 50, per: '100k' } });
    expect(await current()).toMatchObject({ reason: 'budget', budget: { alerts: 50, per: '100k' }, verdictCount: 0 });
    isBroken = false;
    await back();
    await test.app.parts.thresholds.settled();
    expect(await current()).toMatchObject({ reason: 'verdicts', budget: { alerts: 50, per: '100k' }, verdictCount: 3 });
  });

  it('is back: that is told, and not only said to who asks (the status bar went on that it had ended)', async () => {
    await open();
    const isTold = test.next('status.changed', ({ notices: [first] }) => first !== undefined);
    killHard(started[0]?.pid);
    await isTold;
    await test.next('status.changed', (status) => status.notices.length === 0);
  });

  it('is killed again and again: it comes back each time', async () => {
    await open();
    for (let death = 1; death <= 3; death++) {
      killHard(started.at(-1)?.pid);
      await expect.poll(() => started.length, { timeout: 10_000 }).toBe(death + 1);
    }
    await back();
    await refute(1);
    await test.app.parts.thresholds.settled();
    expect((await current())?.verdictCount).toBe(1);
  });

  it('goes no further for verdicts that say nothing (twenty times unclear let three false alarms move it sixfold)', async () => {
    await open();
    await refute(3);
    await test.app.parts.thresholds.settled();
    const before = await current();
    expect(before?.score).toBeGreaterThan(before?.budgetScore ?? 0);
    for (const [index, alertId] of (await openIds(20)).entries())
      await test.ask('verdicts.give', { alertId, value: index % 2 === 0 ? 'undetermined' : 'benign_true_positive' });
    await test.app.parts.thresholds.settled();
    expect((await current())?.score).toBe(before?.score);
  });

  it('learns again when its settings are edited (they were for show)', async () => {
    await open();
    await refute(3);
    await test.app.parts.thresholds.settled();
    const before = await current();
    const rewards = { ...defaultLearning.rewards, falsePositive: -60 };
    // By the published rule, three verdicts move nothing.
    const edited = { ...defaultLearning, rewards, thresholdPreset: 'tutorial' as const };
    expect(await test.ask('learning.set', edited)).toMatchObject({ rewards });
    await test.app.parts.thresholds.settled();
    const after = await current();
    expect(after?.version).toBeGreaterThan(before?.version ?? 0);
    expect(after?.score).toBeLessThan(before?.score ?? 0);
    expect(
      await test.refusal('learning.set', { ...defaultLearning, rewards: { ...rewards, truePositive: -10 } }),
    ).toMatchObject({
      code: 'BAD_REQUEST',
    });
  });
});

const all = async (): Promise<AlertRow[]> => (await test.ask('alerts.list', { tab: 'all', limit: 500 })).rows;
/** What the detectors say of each alert together, by its number. */
const scores = async (): Promise<Map<number, string>> =>
  new Map((await all()).map(({ number, score }) => [number, score.toFixed(6)]));
const learned = (): Promise<void> => test.app.parts.thresholds.rescored();

describe('what verdicts teach', () => {
  it('is a version with weights; stored alerts follow it, as if they had been scored under it; undo and putting back undo it whole', async () => {
    await open();
    const [first, before] = [await current(), await scores()];
    await refute(12);
    await learned();
    const taught = await current();
    expect(taught?.taught?.weights).not.toBeNull();
    expect(taught?.taught?.joined?.rows).toBeGreaterThan(0);
    const after = await scores();
    expect([...after.values()]).not.toEqual([...before.values()]);
    const sources = await test.ask('sources.list', {});
    await scoreSources(test, [sources.find(({ name }) => name === 'watched.log')?.id ?? 0]);
    await learned();
    const afresh = await scores();
    const both = [...after].filter(([number]) => afresh.has(number));
    expect(both.length).toBeGreaterThan(5);
    expect(both.map(([number]) => afresh.get(number))).toEqual(both.map(([, score]) => score));
    for (let step = 0; step < 12; step++) await test.ask('actions.undo', {});
    await learned();
    expect(await current()).toMatchObject({ taught: null, score: first?.score, verdictCount: 0 });
    const undone = await scores();
    for (const [number, score] of undone)
      if (before.has(number)) expect([number, score]).toEqual([number, before.get(number)]);
    await test.ask('thresholds.revert', { version: taught?.version ?? 0 });
    await learned();
    expect((await current())?.taught).toEqual(taught?.taught);
  });

  it.each([
    ['rescore_alerts', 'scored by it (only a log knew)', /not all scored again/],
    ['fold_again', 'folded by it (it was said not to be learned, though it was)', /alerts are not folded by it yet/],
  ] as const)(
    'is in force, and says where stored alerts are not, until they are: %s, %s',
    async (refused, _what, says) => {
      await open();
      const { store } = test.app.parts.services;
      const { call } = store;
      let isTaught = false;
      store.call = async (method, ...rest) => {
        if (method === refused && isTaught) {
          store.call = call;
          throw new AppError('STORE_FULL', 'the disk is full');
        }
        isTaught ||= method === 'add_threshold';
        return call(method, ...rest);
      };
      const isTold = test.next('status.changed', ({ notices: all }) => all.some((one) => says.test(one)));
      const ids = await openIds(5);
      await test.ask('verdicts.give_many', { selection: { kind: 'ids', ids }, value: 'false_positive_logic' });
      await isTold;
      expect((await current())?.reason).toBe('verdicts');
      await test.app.parts.thresholds.rescored();
      expect(await notices()).toEqual([expect.stringMatching(says)]);
      await test.ask('actions.undo', {});
      await test.app.parts.thresholds.rescored();
      expect(await notices()).toEqual([]);
    },
  );

  it('is in force but for the part that would blind a detector, which is named once and learned when somebody means it', async () => {
    await open();
    const before = await current();
    const told = test.app.parts.thresholds;
    const { adapt } = test.app.parts;
    const call = adapt.call.bind(adapt);
    let share = 0.2;
    const meant: LearningWarning[][] = [];
    // Whatever was learned, a part of it would blind until that is meant.
    adapt.call = async (method, input) => {
      meant.push(input.meant);
      const blinding = { kind: 'weight', detector: 'key', share } as const;
      return { ...(await call(method, input)), warnings: isMeant(blinding, input.meant) ? [] : [blinding] };
    };
    await refute(3);
    await told.settled();
    expect(await test.ask('learning.pending', {})).toEqual([{ kind: 'weight', detector: 'key', share }]);
    const waits = await notices();
    expect(waits).toEqual([expect.stringMatching(/A part of what verdicts teach waits.*Order of events/)]);
    const part = await current();
    expect(part?.version).toBeGreaterThan(before?.version ?? Infinity);
    // Its number changed: that is no news.
    share = 0.15;
    await refute(1);
    await told.settled();
    expect(await notices()).toEqual(waits);
    // Bug: what verdicts had brought since somebody looked was taken for meant with the rest, unseen.
    await test.ask('learning.confirm', { seen: [{ kind: 'threats', count: 9 }] });
    await told.settled();
    expect(await notices()).toEqual(waits);
    await test.ask('learning.confirm', { seen: [{ kind: 'weight', detector: 'key', share: 0.2 }] });
    await told.settled();
    share = 0.1;
    await refute(1);
    await told.settled();
    expect(await notices()).toEqual([]);
    expect(meant.at(-1)).toEqual([{ kind: 'weight', detector: 'key', share: 0.15 }]);
  });

  it('is told where each label is from, and what a sample stands for (all were the detector’s, and counted once)', async () => {
    await open();
    const asked: Label[][] = [];
    const { adapt } = test.app.parts;
    const call = adapt.call.bind(adapt);
    adapt.call = (method, input) => {
      asked.push(input.labels);
      return call(method, input);
    };
    const { rows } = await test.ask('alerts.list', { tab: 'teach' });
    const drawn = rows.find(({ origin, asked }) => origin === 'sample' && asked?.why === 'sample');
    await test.ask('verdicts.give', { alertId: drawn?.id ?? '', value: 'false_positive_data' });
    const taken = new Set((await all()).map(({ lineNumber }) => lineNumber));
    const { id: sourceId } = (await test.ask('sources.list', {})).find(({ name }) => name === 'watched.log') ?? {
      id: 0,
    };
    const line = (await test.ask('logs.rows', { sourceId, firstRow: 300, limit: 100 })).find(
      ({ lineNumber }) => !taken.has(lineNumber),
    );
    await test.ask('teach.missed', { eventId: line?.eventId ?? 0 });
    await refute(1);
    await test.app.parts.thresholds.settled();
    const last = asked.at(-1) ?? [];
    expect(last.map(({ origin }) => origin)).toEqual(['sample', 'missed', 'detector']);
    expect(last[0]?.samplingWeight).toBeGreaterThan(1);
    expect(last.slice(1).map(({ samplingWeight }) => samplingWeight)).toEqual([1, 1]);
  });

  it('marks what is like a confirmed threat, lists what it remembers, and forgets it', async () => {
    await open();
    const rows = (await test.ask('alerts.list', { tab: 'open', limit: 200 })).rows;
    const alikes = Map.groupBy(rows, ({ title, templateNumber }) => `${title} ${templateNumber}`);
    const [one] = [...alikes.values()].sort((a, b) => b.length - a.length)[0] ?? [];
    const effect = await test.ask('verdicts.give', { alertId: one?.id ?? '', value: 'true_positive' });
    expect(effect.foldedCount).toBe(0);
    const known = (await all()).filter(({ isKnownThreat }) => isKnownThreat);
    expect(known).toHaveLength(effect.knownCount);
    for (const { severity, state } of known) expect([state, severity >= 4]).toEqual(['open', true]);
    const [entry] = await test.ask('memory.list', {});
    expect(entry).toMatchObject({ kind: 'threat', alertNumber: one?.number, isContradicted: false });
    await test.ask('memory.forget', { number: entry?.number ?? 0 });
    expect((await all()).filter(({ isKnownThreat }) => isKnownThreat)).toEqual([]);
    expect(await test.ask('memory.list', {})).toEqual([]);
  });
});
