/** @file Writing sources. Catches events that land twice, in the wrong source, or changed on the way. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openTestStore, seededStore } from './helpers.ts';
import { actor, addModel, alertOf, batchOf, importLines, now, runOf, sessionOf, templateOf, totalsOf } from './rows.ts';

const beginInput = {
  name: 'a.log',
  format: 'plain',
  sizeBytes: 4711,
  assumption: { year: null, zone: null },
  importedAt: now,
  actor,
} as const;

describe('a batch', () => {
  test.each([
    ['after a gap', { firstEventId: 3 }, 'CONFLICT'],
    ['with lines that go back', { lineNumbers: Int32Array.of(5, 5) }, 'BAD_REQUEST'],
    ['with a short column', { hosts: ['one'] }, 'BAD_REQUEST'],
  ])('%s is refused whole', async (_name, change, code) => {
    const store = await openTestStore();
    const { sourceId, nextEventId } = await store.ask('begin_source', beginInput);
    const events = { ...batchOf([{ raw: 'a' }, { raw: 'b' }], nextEventId), ...change };
    const input = { sourceId, events, templates: [templateOf(0)], sessions: [] };
    await expect(store.ask('append_events', input)).rejects.toMatchObject({ code });
    expect((await store.ask('read_keys', { sourceId, afterEventId: 0, limit: 9 })).eventIds).toHaveLength(0);
    expect(await store.ask('list_templates', undefined)).toEqual([]);
  });

  test('of a finished source is refused', async () => {
    const store = await openTestStore();
    const { sourceId } = await importLines(store, [{ raw: 'a' }]);
    const input = { sourceId, events: batchOf([{ raw: 'b' }], 2, 2), templates: [], sessions: [] };
    await expect(store.ask('append_events', input)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('that no session of another source can be in', async () => {
    const store = await openTestStore();
    await importLines(store, [{ raw: 'a' }]);
    const { sourceId, nextEventId } = await store.ask('begin_source', beginInput);
    const session = sessionOf(1, { first: 2, last: 2, count: 1 });
    const input = { sourceId, events: batchOf([{ raw: 'b' }], nextEventId), templates: [], sessions: [session] };
    await expect(store.ask('append_events', input)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

test('one import at a time: ids of a source are contiguous', async () => {
  const store = await openTestStore();
  const { sourceId } = await store.ask('begin_source', beginInput);
  await expect(store.ask('begin_source', beginInput)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('a.log'),
  });
  await store.ask('delete_source', { sourceId, actor }); // a cancelled import
  expect(await store.ask('begin_source', beginInput)).toEqual({ sourceId: 2, nextEventId: 1, nextSessionId: 1 });
});

test('a second source starts at its own first line and shares nothing with the one before', async () => {
  const store = await openTestStore();
  const first = await importLines(
    store,
    Array.from({ length: 30 }, (_, row) => ({ raw: `first ${row}`, session: 1 + (row % 3) })),
  );
  const second = await importLines(
    store,
    Array.from({ length: 4 }, (_, row) => ({ raw: `second ${row}`, session: 1 + (row % 2), template: 7 })),
  );
  expect(second).toEqual({ sourceId: 2, firstEventId: 31, firstSessionId: 4 });
  const keys = await store.ask('read_keys', { sourceId: 2, afterEventId: 0, limit: 100 });
  expect({ ...keys, at: [...keys.at].length }).toEqual({
    eventIds: Float64Array.of(31, 32, 33, 34),
    lineNumbers: Int32Array.of(1, 2, 3, 4),
    at: 4,
    severities: Int8Array.of(-1, 0, 1, 2),
    templateIndexes: Int32Array.of(7, 7, 7, 7),
    sessionIds: Float64Array.of(4, 5, 4, 5),
  });
  const sessions = await store.ask('read_sessions', { sourceId: 2, afterSessionId: 0, limit: 10 });
  expect(sessions).toEqual({
    ids: Float64Array.of(4, 5),
    entityHashes: Float64Array.of(1_000_000_000_004, 1_000_000_000_005),
    entityKinds: Int8Array.of(0, 0),
    eventCounts: Int32Array.of(2, 2),
    open: Uint8Array.of(0, 0),
  });
  const lines = await store.ask('read_lines', { sourceId: 1, afterLine: 28, limit: 10, maxChars: 100 });
  expect(lines.map(({ raw }) => raw)).toEqual(['first 28', 'first 29']);
  expect(first.sourceId).toBe(1);
});

test('a source without a line is a source', async () => {
  const store = await openTestStore();
  const { sourceId } = await importLines(store, []);
  expect(await store.ask('list_sources', undefined)).toMatchObject([{ id: sourceId, eventCount: 0, fitShare: 1 }]);
  expect((await store.ask('read_keys', { sourceId, afterEventId: 0, limit: 10 })).eventIds).toHaveLength(0);
});

test('totals that do not fit what arrived are refused', async () => {
  const store = await openTestStore();
  const { sourceId } = await importLines(store, [{ raw: 'a' }], { state: null });
  const finish = { sourceId, state: 'ready' as const, sha256: null, templates: [], sessions: [], actor };
  await expect(store.ask('finish_source', { ...finish, totals: totalsOf(2) })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await store.ask('finish_source', { ...finish, totals: totalsOf(1, { plainCount: 1, badByteCount: 1 }) });
  expect(await store.ask('list_sources', undefined)).toMatchObject([{ fitShare: 0, badByteCount: 1, state: 'ready' }]);
  expect(await store.ask('totals', undefined)).toMatchObject({
    sources: 1,
    events: 1,
    unreadableLines: 1,
    unsortedLines: 0,
  });
});

test('a file is found again by its bytes or its size', async () => {
  const store = await openTestStore();
  const sha256 = 'ab'.repeat(32);
  await importLines(store, [{ raw: 'a' }], { sha256 });
  await importLines(store, [{ raw: 'b' }], { name: 'b.log', state: null });
  expect(await store.ask('find_source', { sha256 })).toEqual([{ id: 1, name: 'auth.log', sha256 }]);
  expect(await store.ask('find_source', { sha256: 'cd'.repeat(32) })).toEqual([]);
  expect(await store.ask('find_source', { sizeBytes: 1000 })).toEqual([{ id: 1, name: 'auth.log', sha256 }]);
});

describe('a line', () => {
  test('of 1 MB comes back whole, and cut without keeping half a character', async () => {
    const store = await openTestStore();
    const raw = `${'x'.repeat(1_048_574)}😀`;
    const { sourceId } = await importLines(store, [{ raw }]);
    const read = async (maxChars: number) => {
      const [line] = await store.ask('read_lines', { sourceId, afterLine: 0, limit: 1, maxChars });
      return line;
    };
    expect(await read(2_000_000)).toMatchObject({ raw, rawLengthChars: 1_048_576 });
    expect((await read(1_048_575))?.raw).toBe('x'.repeat(1_048_574));
    expect((await read(2000))?.raw).toBe('x'.repeat(2000));
  });

  test('keeps every character there is, and the bytes of what is no text', async () => {
    const store = await openTestStore();
    const raw = 'nul \u0000 after, esc \u001b, bidi \u202e, bom \ufeff, pair 😀, replaced \ufffd';
    const { sourceId, nextEventId } = await store.ask('begin_source', beginInput);
    const events = { ...batchOf([{ raw, host: null, entity: null, at: NaN }], nextEventId) };
    events.rawBytes.set(0, Uint8Array.of(0xff, 0xfe));
    await store.ask('append_events', { sourceId, events, templates: [], sessions: [] });
    expect(await store.ask('get_events', { ids: [1], maxChars: 1000 })).toMatchObject([
      { raw, host: null, entity: null, at: null, severity: -1, rawLengthChars: raw.length },
    ]);
    const keys = await store.ask('read_keys', { sourceId, afterEventId: 0, limit: 1 });
    expect(keys.at).toEqual(Float64Array.of(NaN));
  });
});

test('pages of keys and lines cover a source without gaps or doubles', async () => {
  const store = await openTestStore();
  await importLines(store, [{ raw: 'other' }]);
  const { sourceId, firstEventId } = await importLines(
    store,
    Array.from({ length: 57 }, (_, row) => ({ raw: `line ${row + 1}` })),
  );
  await importLines(store, [{ raw: 'other' }]);
  const all = Array.from({ length: 57 }, (_, row) => row + 1);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 70 }), async (limit) => {
      const ids: number[] = [];
      for (let after = 0; ;) {
        const page = await store.ask('read_keys', { sourceId, afterEventId: after, limit });
        if (page.eventIds.length === 0) break;
        ids.push(...page.eventIds);
        after = page.eventIds.at(-1) as number;
      }
      expect(ids.map((id) => id - firstEventId + 1)).toEqual(all);
      const down: number[] = [];
      for (let before = 58; ;) {
        const page = await store.ask('read_lines', { sourceId, afterLine: before, limit: -limit, maxChars: 10 });
        if (page.length === 0) break;
        down.unshift(...page.map(({ lineNumber }) => lineNumber));
        before = page[0]?.lineNumber ?? 0;
      }
      expect(down).toEqual(all);
    }),
    { numRuns: 20 },
  );
});

test('the events of a session come around one of them', async () => {
  const store = await openTestStore();
  const lines = Array.from({ length: 40 }, (_, row) => ({ raw: `line ${row + 1}`, session: 1 + (row % 2) }));
  await importLines(store, lines);
  const input = { sessionId: 2, eventId: 20, before: 3, after: 2, maxChars: 100 };
  const { session, events, eventsBefore } = await store.ask('session_events', input);
  expect(session).toMatchObject({ id: 2, eventCount: 20, firstEventId: 2, lastEventId: 40 });
  expect(events.map(({ id }) => id)).toEqual([14, 16, 18, 20, 22, 24]);
  expect(eventsBefore).toBe(6);
  await expect(store.ask('session_events', { ...input, sessionId: 99 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('removing a source', () => {
  test('takes its lines, text, sessions and open alerts, and nothing of the others', async () => {
    const store = await openTestStore();
    await addModel(store);
    const first = await importLines(store, [{ raw: 'alpha one' }, { raw: 'alpha two' }]);
    const second = await importLines(store, [{ raw: 'alpha three' }]);
    await store.ask('index_text', undefined);
    await store.ask('replace_run', runOf(first.sourceId, 'run-1', [alertOf(1)]));
    await store.ask('replace_run', runOf(second.sourceId, 'run-2', [alertOf(3)]));
    await store.ask('delete_source', { sourceId: first.sourceId, actor });
    expect(await store.ask('list_sources', undefined)).toMatchObject([{ id: second.sourceId }]);
    const found = await store.ask('search_text', {
      sourceId: null,
      text: 'alpha',
      afterEventId: 0,
      limit: 10,
      maxChars: 99,
    });
    expect(found.events.map(({ raw }) => raw)).toEqual(['alpha three']);
    expect(await store.ask('alert_counts', { minScore: 0 })).toMatchObject({ open: 1, decided: 0, folded: 0 });
    await expect(store.ask('delete_source', { sourceId: first.sourceId, actor })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    // Numbers are not given again: an id in the audit means one thing.
    expect((await importLines(store, [{ raw: 'beta' }])).firstEventId).toBe(4);
  });

  test('is refused while its alerts are decided or in a case', async () => {
    const store = await seededStore([alertOf(1), alertOf(2)]);
    const { sourceId } = store;
    const refusal = { code: 'CONFLICT', message: expect.stringContaining('2 alerts') };
    await store.ask('create_case', { caseId: 'c', title: 'T', alertIds: ['alert-1'], actor });
    await store.ask('give_verdict', {
      verdictId: 'v',
      alertId: 'alert-2',
      value: 'true_positive',
      note: '',
      analyst: 'x',
      givenAt: now,
      foldExpiresAt: null,
      folds: false,
      minScore: 0,
    });
    await expect(store.ask('delete_source', { sourceId, actor })).rejects.toMatchObject(refusal);
    await store.ask('undo_action', { actor, minScore: 0 });
    await store.ask('remove_case_alerts', { caseId: 'c', alertIds: ['alert-1'], actor });
    await store.ask('delete_source', { sourceId, actor });
    // The verdict stays in the record, but there is nothing to put it back on.
    expect(await store.ask('redo_action', { actor, minScore: 0 })).toBeNull();
    expect(await store.ask('undo_action', { actor, minScore: 0 })).toBeNull();
  });
});
