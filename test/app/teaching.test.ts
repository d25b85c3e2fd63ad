/** @file Teaching through requests: what is drawn, asked, missed and estimated, on a log that was learned and scored. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeEvent } from '../../src/main/app/judgeEvent.ts';
import type { AlertRow } from '../../src/shared/alerts.ts';
import { promptVersion } from '../../src/shared/explanations.ts';
import { importLog, openApp, scoreSources, type TestApp } from '../helpers/app.ts';
import { fileFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

const dayMs = 86_400_000;
let learned: Learned;
let test: TestApp;
let sourceId: number;
/** The app's clock is so far ahead. */
let ahead = 0;

beforeAll(async () => {
  learned = await learnOffice();
  const directory = await learned.copy(join(fileFolder(), 'workspace'));
  test = await openApp(directory, { now: () => Date.now() + ahead });
  sourceId = await importLog(test, learned.watched.path);
  await scoreSources(test, [sourceId]);
});
afterAll(async () => test.close());

const listTeach = async (): Promise<AlertRow[]> => (await test.ask('alerts.list', { tab: 'teach' })).rows;
const report = () => test.ask('learning.report', { zone: 'UTC', days: 30 });
const decidedIds = async (): Promise<string[]> =>
  (await test.ask('alerts.list', { tab: 'decided', limit: 1000 })).rows.map(({ id }) => id);
const isThreat = (lineNumber: number): boolean => learned.watched.isAnomaly[lineNumber - 1] === true;

describe('what is asked', () => {
  it('has events drawn from the whole log, which stand for all that was not flagged', async () => {
    const drawn = (await listTeach()).filter(({ asked }) => asked?.why === 'sample');
    expect(drawn.length).toBeGreaterThan(25);
    const open = (await test.ask('alerts.list', { tab: 'open', limit: 1000 })).rows;
    expect(drawn.some(({ id }) => open.some((row) => row.id === id))).toBe(false);
    const { recall } = await report();
    expect(recall).toMatchObject({ estimate: null, decided: 0 });
    expect(recall.drawn).toBeGreaterThanOrEqual(drawn.length);
    expect(await test.ask('alerts.summary', { tab: 'teach' })).toMatchObject({ total: (await listTeach()).length });
  });

  it('is the same after the log was scored again, and what was decided of it still counts', async () => {
    const before = (await listTeach()).filter(({ asked }) => asked?.why === 'sample');
    const [one] = before;
    if (!one) throw new Error('Nothing was drawn.');
    await test.ask('verdicts.give', { alertId: one.id, value: 'false_positive_logic' });
    await test.app.parts.thresholds.settled();
    await scoreSources(test, [sourceId]);
    const after = (await listTeach()).filter(({ asked }) => asked?.why === 'sample');
    const lines = new Set(after.map(({ lineNumber }) => lineNumber));
    expect(before.filter(({ lineNumber }) => lines.has(lineNumber)).length).toBeGreaterThan(0.8 * before.length);
    expect((await report()).recall.decided).toBe(1);
    await test.ask('actions.undo', {});
  });

  it('can be decided all at once, but for what is a question of its own', async () => {
    const rows = await listTeach();
    const query = { tab: 'teach' as const, filter: '', zone: 'UTC' };
    const selection = { kind: 'query' as const, query, except: rows.slice(2).map(({ id }) => id) };
    expect((await test.ask('verdicts.give_many', { selection, value: 'undetermined' })).alertCount).toBe(2);
    await test.ask('actions.undo', {});
  });
});

it('estimates recall from what was drawn, with an interval', async () => {
  for (const row of (await listTeach()).filter(({ asked }) => asked?.why === 'sample')) {
    const value = isThreat(row.lineNumber) ? 'true_positive' : 'false_positive_logic';
    await test.ask('verdicts.give', { alertId: row.id, value });
  }
  const open = (await test.ask('alerts.list', { tab: 'open', limit: 1000 })).rows;
  for (const row of open) {
    const value = isThreat(row.lineNumber) ? 'true_positive' : 'false_positive_data';
    await test.ask('verdicts.give', { alertId: row.id, value }).catch(() => undefined);
  }
  const { recall, precision, days } = await report();
  expect(recall.decided).toBeGreaterThan(25);
  expect(recall.estimate).not.toBeNull();
  expect(recall.estimate?.low).toBeLessThanOrEqual(recall.estimate?.value ?? 0);
  expect(recall.estimate?.high).toBeGreaterThanOrEqual(recall.estimate?.value ?? 1);
  expect(precision.right + precision.wrong).toBeGreaterThan(0);
  expect(days).toHaveLength(30);
});

describe('"I missed this"', () => {
  it('judges the line as scoring did, decides it as a threat, and goes back with one step', async () => {
    const rows = await test.ask('logs.rows', { sourceId, firstRow: 400, limit: 60 });
    const known = new Set(await decidedIds());
    const taken = new Set(
      (await test.ask('alerts.list', { tab: 'all', limit: 1000 })).rows.map((row) => row.lineNumber),
    );
    const line = rows.find(({ lineNumber }) => !taken.has(lineNumber));
    if (!line) throw new Error('Every line has an alert.');
    // What was kept below the threshold and was decided above counts as well.
    const { missedCount } = await report();
    const missed = await test.ask('teach.missed', { eventId: line.eventId });
    const { row, history, votes } = await test.ask('alerts.get', { alertId: missed.alertId });
    expect(row).toMatchObject({ origin: 'missed', state: 'decided', lineNumber: line.lineNumber });
    // As all is judged now, and not as the model judged before anybody taught it.
    const { services, scoring } = test.app.parts;
    const [context, [record]] = await Promise.all([
      scoring.judging(),
      services.store.call('get_events', { ids: [line.eventId], maxChars: 2000 }),
    ]);
    if (!context || !record) throw new Error('There is nothing to judge by.');
    expect(row.score).toBeCloseTo((await judgeEvent(services, context, record)).surprise.score, 6);
    expect(votes.every(({ score }) => Number.isFinite(score))).toBe(true);
    expect(history.map(({ value }) => value)).toEqual(['true_positive']);
    expect((await report()).missedCount).toBe(missedCount + 1);
    await test.ask('actions.undo', {});
    expect(new Set(await decidedIds())).toEqual(known);
    expect((await report()).missedCount).toBe(missedCount);
    expect((await listTeach()).map(({ id }) => id)).not.toContain(missed.alertId);
  });

  it('gives a line the score that the whole log gave it', async () => {
    // The verdict that was taken back is learned from, and all is judged by what is left.
    await test.app.parts.thresholds.rescored();
    const { rows } = await test.ask('alerts.list', { tab: 'decided', limit: 1000 });
    const drawn = rows.filter(({ origin }) => origin === 'sample');
    let compared = 0;
    for (const { id, score } of drawn) {
      // Where no detector found anything there is nothing to score again: the score of before stands, far below any threshold.
      if (compared === 3 || (await test.ask('alerts.get', { alertId: id })).votes.length === 0) continue;
      compared++;
      const { before, after } = await test.ask('alerts.context', { alertId: id, lines: 1 });
      const events = await test.ask('logs.read', { sourceId, afterLine: before[0]?.lineNumber ?? 0, limit: 1 });
      const [event] = events;
      if (!event || !after) throw new Error('The line is not there.');
      const { services, scoring } = test.app.parts;
      const context = await scoring.judging();
      if (!context) throw new Error('There is no threshold.');
      const [record] = await services.store.call('get_events', { ids: [event.eventId], maxChars: 2000 });
      if (!record) throw new Error('The event is not there.');
      const { surprise } = await judgeEvent(services, context, record);
      expect(surprise.score).toBeCloseTo(score, 1);
    }
    expect(compared).toBe(3);
  });

  it('of a log that was not scored is refused', async () => {
    const other = await importLog(test, learned.quiet.path);
    const scored = (await test.ask('sources.list', {})).find(({ id }) => id === other)?.scoredAt;
    const [line] = await test.ask('logs.rows', { sourceId: other, firstRow: 3, limit: 1 });
    if (scored !== null || !line) return;
    const { code, message } = await test.refusal('teach.missed', { eventId: line.eventId });
    expect([code, message]).toEqual(['CONFLICT', expect.stringContaining('Score it first')]);
  });
});

it('asks blind after a week: the detail does not tell, the answer changes nothing but the figure', async () => {
  ahead = 8 * dayMs;
  const { consistency: consistency0 } = await report();
  const question = (await listTeach()).find(({ asked }) => asked?.why === 'again');
  if (!question) throw new Error('Nothing is asked again.');
  expect(question).toMatchObject({ state: 'open', verdict: null });
  const shown = await test.ask('alerts.get', { alertId: question.id, isBlind: true });
  expect(shown).toMatchObject({ row: { verdict: null, state: 'open' }, history: [], nearest: [], cases: [] });
  expect(Object.values(shown.row.seenBefore).every((count) => count === 0)).toBe(true);
  // Nor what was said of those like it.
  for (const id of await decidedIds()) {
    if ((await test.ask('alerts.get', { alertId: id })).nearest.length === 0) continue;
    expect((await test.ask('alerts.get', { alertId: id, isBlind: true })).nearest).toEqual([]);
    break;
  }
  // Nowhere else, until it is answered.
  const { store } = test.app.parts.services;
  const { row: decided0 } = await store.call('get_alert', { alertId: question.id, now: Date.now() });
  const kept = decided0.verdict?.value;
  if (!kept) throw new Error('What is asked again was not decided.');
  await store.call('put_explanation', {
    alertId: question.id,
    explanation: {
      ...{ model: (await test.ask('explanations.settings', {})).model, promptVersion, fingerprint: 'of before' },
      ...{ text: 'Like A-9, which was a false alarm.', isCut: false, madeAt: Date.now() },
    },
  });
  const { id: caseId } = await test.ask('cases.create', { title: 'Of before', alertIds: [question.id] });
  const actor = { analyst: decided0.verdict?.analyst ?? '', at: Date.now() };
  await store.call('add_note', { noteId: 'of before', caseId, text: 'It was the backup, as always.', actor });
  await test.ask('cases.update', { caseId, state: 'closed', closing: kept });
  const isAlike = ({ id, signature }: AlertRow): boolean => id !== question.id && signature === question.signature;
  const everywhere = async () => ({
    detail: (await test.ask('alerts.get', { alertId: question.id })).row.verdict?.value ?? null,
    lists: await Promise.all(
      (['all', 'decided'] as const).map(
        async (tab) =>
          (await test.ask('alerts.list', { tab, filter: `signature:${question.signature} verdict:any` })).rows.filter(
            ({ id }) => id === question.id,
          ).length,
      ),
    ),
    decided: (await test.ask('alerts.list', { tab: 'decided' })).counts.decided,
    listed: (await test.ask('alerts.summary', { tab: 'decided' })).total,
    entity: Object.values((await test.ask('entities.get', { ...question.entity, zone: 'UTC' })).verdicts).reduce(
      (sum, count) => sum + count,
      0,
    ),
    entityRows: (await test.ask('entities.get', { ...question.entity, zone: 'UTC' })).alerts.filter(
      ({ id, verdict }) => id === question.id && verdict !== null,
    ).length,
    closing: (await test.ask('cases.list', {})).find(({ id }) => id === caseId)?.closing ?? null,
    inCase: (await test.ask('cases.get', { caseId })).alerts.map(({ verdict }) => verdict?.value ?? null),
    alike: await Promise.all(
      [
        (await test.ask('alerts.list', { tab: 'all', filter: `signature:${question.signature}`, limit: 1000 })).rows,
        (await test.ask('alerts.groups', { tab: 'all', by: 'signature' })).groups.map(({ top }) => top),
      ].map(async (rows) => {
        const [row] = rows.filter(isAlike);
        const detail = row && (await test.ask('alerts.get', { alertId: row.id })).row;
        return [row, detail].map((one) => (one ? Object.values(one.seenBefore).some((count) => count > 0) : null));
      }),
    ),
    notes: (await test.ask('cases.get', { caseId })).notes.map(({ text }) => text),
    words: (await test.ask('explanations.get', { alertId: question.id }))?.text ?? null,
    memory: (await test.ask('memory.list', {})).filter(({ alertId }) => alertId === question.id).length,
  });
  await listTeach();
  const hidden = await everywhere();
  const nothing = { detail: null, lists: [0, 0], entityRows: 0, closing: null, inCase: [null], words: null, memory: 0 };
  expect(hidden).toMatchObject(nothing);
  // Nor what was said of its kind, or beside it; what is written meanwhile is.
  expect(hidden).toMatchObject({ notes: [] });
  expect(hidden.alike.flat()).not.toContain(true);
  await test.ask('cases.add_note', { caseId, text: 'Of now.' });
  expect((await everywhere()).notes).toEqual(['Of now.']);
  expect(hidden.listed).toBe(hidden.decided);
  const { before, isSame } = await test.ask('teach.answer', { alertId: question.id, value: 'true_positive' });
  expect((await test.ask('alerts.get', { alertId: question.id })).row.verdict?.value).toBe(before);
  const shownAgain = await everywhere();
  expect(shownAgain).toMatchObject({ detail: kept, lists: [1, 1], closing: kept, inCase: [kept] });
  expect(shownAgain.notes).toHaveLength(2);
  // Not each question has others of its kind.
  expect(shownAgain.alike.flat()).not.toContain(false);
  expect(shownAgain.words).toContain('false alarm');
  expect(shownAgain.decided).toBe(hidden.decided + 1);
  // A line that names nobody is about its log, which has no page of this kind.
  expect(shownAgain.entity).toBe(hidden.entity + (question.entity.kind === 'source' ? 0 : 1));
  const { consistency } = await report();
  expect(consistency.asked).toBe(consistency0.asked + 1);
  expect(consistency.same).toBe(consistency0.same + (isSame ? 1 : 0));
  expect(consistency.differed).toHaveLength(consistency0.differed.length + (isSame ? 0 : 1));
});

it('tells of alerts alike that were judged both ways, until the wrong one is taken back, with all that it did', async () => {
  const { thresholds } = test.app.parts;
  await thresholds.rescored();
  const figures = async () => {
    const { edges: _edges, teach: _teach, ...rest } = await report();
    return rest;
  };
  const contradictions = () => test.ask('learning.contradictions', {});
  const scoreNow = async () => (await test.ask('thresholds.list', {})).find(({ isCurrent }) => isCurrent)?.score;
  const rows = (await test.ask('alerts.list', { tab: 'decided', limit: 1000 })).rows;
  const known = new Set((await contradictions()).map(({ signature }) => signature));
  const harmless = rows.filter(({ verdict }) => verdict?.value.startsWith('false_positive'));
  const wrong = harmless.find(
    ({ id, signature }) =>
      !known.has(signature) && harmless.some((other) => other.signature === signature && other.id !== id),
  );
  if (!wrong) throw new Error('No two alike were judged alike.');
  const before = [await figures(), await contradictions(), await scoreNow()];
  await test.ask('verdicts.give', { alertId: wrong.id, value: 'true_positive' });
  await thresholds.settled();
  expect((await contradictions()).find(({ signature }) => signature === wrong.signature)).toMatchObject({
    threat: { alertId: wrong.id, count: 1 },
  });
  expect((await figures()).precision).not.toEqual((before[0] as { precision: unknown }).precision);
  await test.ask('actions.undo', {});
  await thresholds.rescored();
  expect([await figures(), await contradictions(), await scoreNow()]).toEqual(before);
});
