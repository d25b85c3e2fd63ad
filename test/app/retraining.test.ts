/**
 * @file Retraining on verdicts over a real small log. Catches a model that is in use before it was adopted, a gate that can be passed without its
 * words, a replay that is not what scoring says, a way back that is none, and a verdict or the model in use lost in any of it.
 */
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { readOwnRows } from '../../src/main/app/detection/taughtJudges.ts';
import { secondUnder, VoteJudge, weightsUnder } from '../../src/main/detect/reweigh.ts';
import { readMaterial } from '../../src/main/app/retraining/material.ts';
import { labelledSplit } from '../../src/main/app/retraining/plan.ts';
import { replayAlerts } from '../../src/main/app/retraining/replay.ts';
import { currentThreshold } from '../../src/main/app/thresholdInForce.ts';
import type { RunningProcess } from '../../src/main/host/host.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import type { StoreMethods } from '../../src/main/store/protocol.ts';
import { AppError, type ErrorData } from '../../src/shared/errors.ts';
import type { GateCheck, GateCheckId, Retraining } from '../../src/shared/retraining.ts';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { heldBack } from '../helpers/heldBack.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';
import { writeOffice, type OfficeLog } from '../helpers/office.ts';

let office: Learned;
let watched: OfficeLog;
let judged: string;
let few: ErrorData;
let test: TestApp;

/** Judges alerts of the watched log by what its maker says of their lines. */
async function judge(most: number): Promise<void> {
  const { rows } = await test.ask('alerts.list', { limit: 1000 });
  const own = rows.filter(({ sourceName }) => sourceName === 'judged.log').slice(0, most);
  for (const { id, lineNumber } of own) {
    const value = watched.isAnomaly[lineNumber - 1] ? 'true_positive' : 'false_positive_logic';
    await test.ask('verdicts.give', { alertId: id, value });
  }
}

async function open(directory: string, change: Parameters<typeof openApp>[1] = {}): Promise<void> {
  test = await openApp(directory, { checkpointMs: 100, ...change });
}

beforeAll(async () => {
  office = await learnOffice();
  const folder = fileFolder();
  judged = await office.copy(join(folder, 'judged'));
  watched = writeOffice(join(folder, 'judged.log'), { lines: 9000, seed: 5, anomalyRate: 0.03 });
  await open(judged);
  const sourceId = await importLog(test, watched.path);
  await test.ask('thresholds.set_budget', { budget: { alerts: 1000, per: '100k' } });
  await scoreSources(test, [sourceId]);
  await judge(3);
  few = await test.refusal('retrain.start', {});
  await judge(400);
  await test.app.parts.thresholds.settled();
  await test.app.parts.thresholds.rescored();
  await test.close();
}, 240_000);
afterEach(() => test.close());

it('says what three verdicts lack', () => {
  expect(few).toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringMatching(/at least 8 threats and 8 false alarms/),
  });
});

it('finds of the model in use exactly the scores that scoring gave', async () => {
  await open(await copied());
  const { services, models } = test.app.parts;
  const templates = await services.store.call('list_templates', undefined);
  const version = await currentThreshold(services);
  if (!version) throw new Error('There is no threshold.');
  const apart: number[] = [];
  const { alerts, distinctWindows } = await replayAlerts(services, await models.inUse(), {
    templates: new Map(templates.map((template) => [template.index, template])),
    decidedOnly: false,
    version,
    signal: new AbortController().signal,
    onAlert: ({ alert, after }) => apart.push(Math.abs(after - alert.score)),
  });
  expect(alerts).toBe(apart.length);
  expect(alerts).toBeGreaterThan(100);
  expect(distinctWindows).toBeLessThan(alerts);
  expect(Math.max(...apart)).toBeLessThan(1e-3);
});

it('proposes a model, which nothing but the gate or its words put in use, and goes back with one request', async () => {
  const workspace = await copied();
  await open(workspace);
  const plan = await test.ask('retrain.plan', {});
  expect(plan).toMatchObject({ missing: null, modelNumber: 1, ofDeletedModels: 0 });
  expect(Math.min(plan.heldOut.threats, plan.heldOut.harmless)).toBeGreaterThanOrEqual(2);
  // Of two that are asked for at once, as by the rule and by hand, one is begun.
  const [started, again] = await Promise.allSettled([test.ask('retrain.start', {}), test.ask('retrain.start', {})]);
  expect(again).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } });
  if (started.status === 'rejected') throw started.reason;
  const { jobId } = started.value;
  const seen = await test.next('job.changed', (job) => job.id === jobId && (job.retraining?.epochs.length ?? 0) > 1);
  expect(seen.retraining?.epochs[0]).toMatchObject({ epoch: 0, drift: 0 });
  // Bug: the log that it learns from could be removed, and half an hour of it was for nothing.
  const [quiet] = await test.ask('sources.list', {});
  expect(await test.refusal('sources.delete', { sourceId: quiet?.id ?? 0 })).toMatchObject({
    ...{ code: 'CONFLICT', message: expect.stringMatching(/under way/) },
  });
  const lesson = (modelId: string): string => join(workspace, 'models', modelId, 'lesson.json');
  const hadLesson = whenAsked('propose_model', ({ id }) => existsSync(lesson(id)));
  // Triage goes on meanwhile.
  expect((await test.ask('alerts.list', { limit: 1 })).counts.decided).toBeGreaterThan(0);
  const job = await test.finished(jobId);
  expect(job).toMatchObject({ state: 'done', kind: 'retrain' });
  const [retraining] = await test.ask('retrain.list', {});
  if (!retraining) throw new Error('Nothing is proposed.');
  const { modelId, report } = retraining;
  expect(await modelInUse()).toBe(1);
  expect((await test.ask('models.list', {})).at(-1)).toMatchObject({ state: 'kept', origin: 'reward' });
  expect(checkOf(retraining, 'likelihood').isHeld).toBe(true);
  expect(report.epochs[report.keptEpoch]?.reward).toBeGreaterThan(report.epochs[0]?.reward ?? 0);
  expect(report.replay.alerts).toBeGreaterThan(100);
  // Bug: gone before the model was proposed, an end of the app in between learned again, from other verdicts.
  expect(hadLesson).toEqual([true]);
  expect(existsSync(lesson(modelId))).toBe(false);

  expect(await test.refusal('retrain.start', {})).toMatchObject({ code: 'CONFLICT' });
  expect(await test.refusal('models.use', { modelId })).toMatchObject({ code: 'CONFLICT' });
  expect(await modelInUse()).toBe(1);

  // Bug: adopted by a rule of its own, the model had that rule's threshold with the meaning of a budget's.
  await test.ask('presets.choose', { preset: { kind: 'top_k', k: 5 } });
  expect(await test.refusal('retrain.adopt', { modelId, override: null })).toMatchObject({
    ...{ code: 'CONFLICT', message: expect.stringMatching(/Choose the alert budget/) },
  });
  await test.ask('presets.choose', { preset: { kind: 'budget' } });

  // Put back by hand the threshold stays, whatever verdicts come: what they move may not come between two looks of the gate.
  const { version = 0 } = (await currentThreshold(test.app.parts.services)) ?? {};
  await test.ask('thresholds.revert', { version });
  // What vanishes and is now said to be a threat: found at adoption, though it was no verdict when the report was made.
  const [vanished, second] = report.replay.vanish.first.filter(({ verdict }) => verdict !== 'true_positive');
  if (!vanished || !second) throw new Error('Less than two false alarms vanish: choose another seed.');
  const [kept] = await test.app.parts.services.store.call('list_retrainings', undefined);
  const held = new Set(kept?.report.heldOutAlerts);
  expect(held.size).toBe(report.heldOut.threats + report.heldOut.harmless);
  const { rows: decided } = await test.ask('alerts.list', { tab: 'decided', limit: 1000 });
  const unsaid = decided.find(
    ({ id, number, verdict }) =>
      held.has(number) &&
      verdict?.value === 'false_positive_logic' &&
      ![vanished, second].some((one) => one.alertId === id),
  );
  expect(retraining.verdictsSince).toBe(0);
  await test.ask('verdicts.give', { alertId: vanished.alertId, value: 'true_positive' });
  await test.ask('verdicts.give', { alertId: unsaid?.id ?? '', value: 'undetermined' });
  expect(await test.ask('retrain.get', { modelId })).toMatchObject({ verdictsSince: 2, report });
  const refused = await test.refusal('retrain.adopt', { modelId, override: 'yes' });
  expect(refused).toMatchObject({ code: 'CONFLICT', message: expect.stringMatching(/confirmed threat/) });
  expect(await modelInUse()).toBe(1);
  const now = await test.ask('retrain.get', { modelId });
  expect(checkOf(now, 'lost').after.value).toBe(checkOf(retraining, 'lost').after.value + 1);
  // Bug: what it finds of verdicts that were held out stayed that of when it was proposed.
  const turned = held.has(vanished.number) ? 1 : 0;
  const { threats, harmless } = report.heldOut;
  expect(now).toMatchObject({
    verdictsSince: 0,
    report: { heldOut: { threats: threats + turned, harmless: harmless - turned - 1 } },
  });
  expect([checkOf(now, 'recall').after.of, checkOf(now, 'harmless').after.of]).toEqual([
    ...[threats + turned, harmless - turned - 1],
  ]);
  expect(now.report.judged?.at).toBeGreaterThan(report.judged?.at ?? 0);
  expect(refused.message).toContain(now.overrideSentence);

  // The same while the gate looks: what it found is of before.
  const { store } = test.app.parts.services;
  const { call } = store;
  store.call = async (method, ...rest) => {
    const output = await call(method, ...rest);
    if (method !== 'set_gate_report') return output;
    store.call = call;
    await test.ask('verdicts.give', { alertId: second.alertId, value: 'true_positive' });
    return output;
  };
  const overtaken = await test.refusal('retrain.adopt', { modelId, override: now.overrideSentence });
  const seenLater = await test.ask('retrain.get', { modelId });
  expect(checkOf(seenLater, 'lost').after.value).toBeGreaterThan(checkOf(now, 'lost').after.value);
  expect(overtaken.message).toContain(seenLater.overrideSentence);
  expect(await modelInUse()).toBe(1);

  // What these verdicts teach moves the threshold, and what is lost with it.
  await test.ask('thresholds.set_budget', { budget: { alerts: 1000, per: '100k' } });
  await test.app.parts.thresholds.rescored();
  await test.refusal('retrain.adopt', { modelId, override: 'yes' });
  const later = await test.ask('retrain.get', { modelId });
  const before = (await test.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent);
  const shareAsked = async () => (await test.ask('learning.report', { zone: 'UTC', days: 30 })).teach.share;
  expect(await shareAsked()).toBe(0.1);
  const keptWith = jobsKeptWith('adopt_retraining', 'use_model');
  const scoring = heldBack(test.app.parts.services, 'replace_run');
  const adopted = await test.ask('retrain.adopt', { modelId, override: later.overrideSentence });
  // Of what is asked less is drawn at random with each retraining: it was a tenth for good.
  expect(await shareAsked()).toBeCloseTo(0.095, 12);
  expect(adopted.retraining).toMatchObject({ state: 'adopted', override: later.overrideSentence });
  expect(await modelInUse()).toBe(2);
  expect((await test.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent)).toMatchObject({ modelId });
  expect(adopted.jobId).not.toBeNull();
  // Bug: a verdict before its logs were scored was the only one, on an alert of the model before: all that was taught went, "by verdicts taken back".
  const [one] = (await test.ask('alerts.list', { tab: 'open', limit: 1 })).rows;
  await test.ask('verdicts.give', { alertId: one?.id ?? '', value: 'false_positive_logic' });
  const carried = await learnedNow();
  expect(carried).toMatchObject({ reason: 'learned', taught: { weights: expect.anything() } });
  expect((await test.ask('status.get', {})).notices).toContainEqual(expect.stringMatching(/until the logs are scored/));
  scoring.release();
  await test.finished(adopted.jobId ?? '');
  // Bug: what had joined the calibration came back with the next verdict only.
  expect(await learnedNow()).toMatchObject({ modelId, reason: 'verdicts', taught: { joined: expect.anything() } });
  expect((await test.ask('status.get', {})).notices).not.toContainEqual(expect.stringMatching(/until the logs/));
  expect(await judgedByItsRows()).toBe(2);
  expect(await test.refusal('retrain.discard', { modelId })).toMatchObject({ code: 'CONFLICT' });

  // Bug: a disk that is full right behind it: going back was said to have failed, and nothing scored the logs by the model that was in use again.
  const seenFull = refusedBehind('use_model', 'fold_again');
  const back = await test.ask('retrain.rollback', {});
  expect(back).toMatchObject({ modelNumber: 1, jobId: expect.any(String) });
  expect(seenFull).toEqual(['fold_again']);
  // Bug: the app ends just behind either, and no job scores the logs by the model that is in use now.
  expect(keptWith).toEqual(['score', 'score']);
  expect((await test.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent)?.version).toBe(before?.version);
  expect(await modelInUse()).toBe(1);
  if (back.jobId) await test.finished(back.jobId);
  expect(await judgedByItsRows()).toBe(1);
  // It was adopted once: back to it needs no gate.
  expect(await test.ask('retrain.rollback', { modelId })).toMatchObject({ modelNumber: 2 });
}, 300_000);

it('goes on with the same verdicts after the app was closed in it, and survives its trainer', async () => {
  const workspace = await copied();
  const trainers: RunningProcess[] = [];
  const host = createNodeHost('test');
  await open(workspace, {
    startTrainer: () => {
      const trainer = host.startTrainer();
      trainers.push(trainer);
      return trainer;
    },
  });
  const first = await test.ask('retrain.start', {});
  await test.next('job.changed', ({ id, canPause }) => id === first.jobId && canPause);
  await trainers[0]?.kill();
  expect(await test.finished(first.jobId)).toMatchObject({
    state: 'failed',
    error: expect.stringMatching(/retrain|learn again/i),
  });
  expect(await modelInUse()).toBe(1);

  // What it learned from is watched, too, and nobody decided what alerts there.
  const [quiet] = await test.ask('sources.list', {});
  await scoreSources(test, [quiet?.id ?? 0]);
  const { jobId } = await test.ask('retrain.start', {});
  await test.next('job.changed', (job) => job.id === jobId && (job.retraining?.epochs.length ?? 0) > 1);
  const { services, models } = test.app.parts;
  const split = await labelledSplit(services, await models.inUse(), new AbortController().signal);
  const heldOut = split.heldOut.find(({ isThreat }) => !isThreat);
  const [decided, ...others] = (await test.ask('alerts.list', { tab: 'decided', limit: 1000 })).rows;
  const judging = others.find(({ number }) => number === heldOut?.alertNumber);
  await test.close();
  await open(workspace);
  // Not part of what it learns from any more, nor of what it is judged by (its gate went by a verdict that was taken back).
  for (const one of [decided, judging])
    await test.ask('verdicts.give', { alertId: one?.id ?? '', value: 'undetermined' });
  expect(await test.finished(jobId)).toMatchObject({ state: 'done' });
  const [retraining] = await test.ask('retrain.list', {});
  const plan = await planOf(judged);
  expect(retraining).toMatchObject({ state: 'proposed', report: { learned: plan.learned } });
  expect(retraining?.report.heldOut.harmless).toBeLessThan(plan.heldOut.harmless);
  // Bug: what lies under an open alert was told among the normal events that both were compared on.
  const again = test.app.parts;
  const { cut } = await readMaterial(again.services, await again.models.inUse(), new AbortController().signal);
  const held = cut.reduce((sum, { table, cuts }) => sum + table.eventIds.length - cuts.validationEnd, 0);
  expect(retraining && checkOf(retraining, 'likelihood').after.of).toBe(retraining?.report.normalEvents);
  expect(retraining?.report.normalEvents).toBeLessThan(held);
  const { modelId = '' } = retraining ?? {};
  expect(await test.ask('retrain.discard', { modelId })).toMatchObject({ state: 'discarded' });
  expect(existsSync(join(workspace, 'models', modelId))).toBe(false);
  expect(await modelInUse()).toBe(1);
}, 300_000);

/** What is so whenever the store is asked for something, before it answers. */
function whenAsked<K extends keyof StoreMethods, T>(asked: K, look: (input: StoreMethods[K]['input']) => T): T[] {
  const { store } = test.app.parts.services;
  const { call } = store;
  const seen: T[] = [];
  store.call = (method, input, ...rest) => {
    if (method === (asked as string)) seen.push(look(input as never));
    return call(method, input, ...rest);
  };
  return seen;
}

/** Kinds of the jobs that are kept when the store has answered any of these, as they are asked for. */
function jobsKeptWith(...methods: string[]): string[] {
  const { store } = test.app.parts.services;
  const { call } = store;
  const kept: string[] = [];
  store.call = async (method, ...rest) => {
    const output = await call(method, ...rest);
    if (methods.includes(method)) kept.push(...(await call('list_jobs', undefined)).map(({ kind }) => kind));
    return output;
  };
  return kept;
}

/** What is asked once the other was answered is refused, once. Gives what was. */
function refusedBehind(behind: keyof StoreMethods, refused: keyof StoreMethods): string[] {
  const { store } = test.app.parts.services;
  const { call } = store;
  const seen: string[] = [];
  let isBehind = false;
  store.call = async (method, ...rest) => {
    if (isBehind && method === refused && seen.length === 0) {
      seen.push(method);
      throw new AppError('STORE_FULL', 'the disk is full');
    }
    const output = await call(method, ...rest);
    if (method === behind) isBehind = true;
    return output;
  };
  return seen;
}

/** The threshold in force, once what verdicts teach is learned. */
async function learnedNow() {
  await test.app.parts.thresholds.settled();
  return currentThreshold(test.app.parts.services);
}

/** Of a workspace as it was judged, asked in an app of its own. */
async function planOf(directory: string) {
  const copy = await copied(directory);
  const other = await openApp(copy);
  try {
    return await other.ask('retrain.plan', {});
  } finally {
    await other.close();
  }
}

/** The model in use, where decided alerts have the scores that its own held-back rows give their votes under the version in force. */
async function judgedByItsRows(): Promise<number | undefined> {
  const { services, models, thresholds } = test.app.parts;
  await thresholds.rescored();
  const [model, version] = [await models.inUse(), await currentThreshold(services)];
  const rows = await readOwnRows(services, model.id, model.graph);
  if (!rows || !version) throw new Error('There is nothing to judge by.');
  const taught = version.taught ?? { weights: null, joined: null };
  expect([version.modelId, taught.weights]).toEqual([model.id, expect.anything()]);
  const weights = weightsUnder(rows, taught.weights);
  const own = rows.detectors.map(({ id }, place) => ({ id, weight: weights[place] ?? 0 }));
  const judge = new VoteJudge(own, secondUnder(rows, taught, version.budgetScore));
  const labels = await services.store.call('labelled_scores', { modelId: model.id });
  const apart = labels.map(({ votes, group, score }) => Math.abs((judge.score(votes, group) ?? score) - score));
  expect(apart.length).toBeGreaterThan(20);
  expect(Math.max(...apart)).toBeLessThan(1e-3);
  return model.number;
}

async function copied(from = judged): Promise<string> {
  const to = join(testFolder(), 'workspace');
  await cp(from, to, { recursive: true });
  return to;
}

async function modelInUse(): Promise<number | undefined> {
  return (await test.ask('models.list', {})).find(({ state }) => state === 'in_use')?.number;
}

function checkOf({ report }: Retraining, wanted: GateCheckId): GateCheck {
  const found = report.checks.find(({ id }) => id === wanted);
  if (!found) throw new Error(`There is no check ${wanted}.`);
  return found;
}
