/** @file The queue's pages. Catches rows that are skipped, shown twice, or shown below the threshold. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NewAlert } from '../../src/main/store/protocol/alerts.ts';
import type { StoreMethods } from '../../src/main/store/protocol.ts';
import type { QueueOrder } from '../../src/shared/alertLists.ts';
import type { SeverityLevel } from '../../src/shared/alerts.ts';
import { openTestStore, seededStore } from './helpers.ts';
import type { TestStore } from './rows.ts';
import { actor, addModel, alertOf, importLines, listed, now, runOf } from './rows.ts';

async function allPages(
  store: TestStore,
  input: { order: QueueOrder; limit: number; minScore: number; filter?: string },
) {
  const query = { ...listed, ...input };
  const rows = [];
  let after: string | null = null;
  do {
    const page: StoreMethods['list_alerts']['output'] = await store.ask('list_alerts', { ...query, after });
    expect(page.rows.length).toBeLessThanOrEqual(input.limit);
    rows.push(...page.rows);
    after = page.nextCursor;
  } while (after !== null);
  const { total } = await store.ask('summarise_alerts', { ...query, pageSize: 3 });
  return { rows, total };
}

describe('pages', () => {
  const figures = fc.record({
    severity: fc.integer({ min: 1, max: 5 }),
    score: fc.oneof(fc.constantFrom(0, 1, 1, 2), fc.double({ min: 0, max: 9, noNaN: true })),
    at: fc.option(fc.constantFrom(1, 2, 3, now)),
  });

  test('cover what is shown, in order, without doubles, whatever ties there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(figures, { maxLength: 25 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('severity', 'time'),
        fc.constantFrom(0, 1.5),
        async (alerts, limit, order, minScore) => {
          const store = await seededStore(
            alerts.map((figure, row) => alertOf(row + 1, { ...figure, severity: figure.severity as SeverityLevel })),
            25,
          );
          const { rows, total } = await allPages(store, { order: order as QueueOrder, limit, minScore });
          const shown = alerts
            .map((alert, row) => ({ ...alert, number: row + 1 }))
            .filter(({ score }) => score >= minScore);
          const least = -Number.MAX_VALUE;
          shown.sort((a, b) =>
            order === 'time'
              ? (b.at ?? least) - (a.at ?? least) || b.number - a.number
              : b.severity - a.severity || b.score - a.score || b.number - a.number,
          );
          expect(rows.map(({ number }) => number)).toEqual(shown.map(({ number }) => number));
          expect(total).toBe(shown.length);
          store.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  test('by surprise go down in perplexity; what has none comes last, and the next page goes on there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.constantFrom(1.5, 2, 80)), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 4 }),
        async (perplexities, limit) => {
          const store = await seededStore(perplexities.map((perplexity, row) => alertOf(row + 1, { perplexity })));
          const rows = [];
          let after: string | null = null;
          do {
            const input = { ...listed, order: 'surprise' as const, limit, after };
            const page: StoreMethods['list_alerts']['output'] = await store.ask('list_alerts', input);
            rows.push(...page.rows);
            after = page.nextCursor;
          } while (after !== null);
          const wanted = [...perplexities.entries()].sort(([a, one], [b, other]) => (other ?? 0) - (one ?? 0) || b - a);
          expect(rows.map(({ number }) => number)).toEqual(wanted.map(([row]) => row + 1));
          store.close();
        },
      ),
      { numRuns: 20 },
    );
  });

  test.each(['', 'severity', 'severity:1:2', 'severity:1:2:x', 'time:1:0:2', 'severity:::', "severity:1:2:3'"])(
    'after the cursor %j are refused',
    async (cursor) => {
      const store = await seededStore([alertOf(1)]);
      await expect(store.ask('list_alerts', { ...listed, after: cursor })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
    },
  );
});

test('a row has all that the list shows', async () => {
  const store = await openTestStore();
  await addModel(store);
  const { sourceId } = await importLines(store, [{ raw: 'one' }, { raw: 'two', host: null, entity: 'root' }]);
  await store.ask('replace_run', runOf(sourceId, 'run-1', [alertOf(2, { at: null })]));
  await store.ask('mark_viewed', { alertId: 'alert-2', actor });
  await store.ask('mark_viewed', { alertId: 'alert-2', actor });
  expect((await store.ask('list_alerts', listed)).rows).toEqual([
    {
      id: 'alert-2',
      number: 1,
      state: 'open',
      severity: 4,
      ownSeverity: 4,
      score: 5,
      bits: 17.5,
      reason: 'unseen',
      detector: 'key',
      origin: 'detector',
      perplexity: 9.5,
      confidence: 0.25,
      title: 'A kind of line that was never seen in training',
      signature: 'aa',
      surpriseAt: null,
      templateIndex: 0,
      eventId: 2,
      sessionId: 1,
      sourceId,
      sourceName: 'auth.log',
      modelId: 'model-1',
      lineNumber: 2,
      entityKind: 'user',
      entity: 'root',
      host: null,
      at: null,
      raisedAt: now,
      eventCount: 1,
      foldedCount: 0,
      repeatCount: 0,
      repeatLastAt: null,
      isViewed: true,
      isKnownThreat: false,
      seenBefore: {
        true_positive: 0,
        benign_true_positive: 0,
        false_positive_logic: 0,
        false_positive_data: 0,
        undetermined: 0,
      },
      verdict: null,
      caseNumber: null,
      owner: null,
      place: { severity: 'severity:4:5:2', time: 'time:-9007199254740991:0:2' },
    },
  ]);
  const { evidence } = await store.ask('get_alert', { alertId: 'alert-2', now });
  expect(evidence).toEqual(alertOf(2).evidence);
});

test('words are found in title and line, with an index and without; what is counted is what is shown', async () => {
  const store = await openTestStore();
  await addModel(store);
  const lines = [
    { raw: 'bastion: Failed password of anna', host: 'bastion', entity: 'anna' },
    { raw: 'fs-02: session opened 100%', host: 'fs-02', entity: 'bob' },
    { raw: 'nul \u0000 hidden', host: null, entity: null },
  ];
  const { sourceId } = await importLines(store, lines);
  const alerts: NewAlert[] = [alertOf(1), alertOf(2, { title: 'Order of events' }), alertOf(3, { score: 1 })];
  await store.ask('replace_run', runOf(sourceId, 'run-1', alerts));
  const find = async (filter: string, minScore = 0) => {
    const { rows, total } = await allPages(store, { order: 'time', limit: 1, minScore, filter });
    expect(total).toBe(rows.length);
    return rows.map(({ eventId }) => eventId).sort();
  };
  const cases: [string, number[]][] = [
    ['ANNA', [1]],
    ['bastion failed', [1]],
    ['fs-02 order', [2]],
    ['100%', [2]],
    ['%', [2]],
    ['_', []],
    ['hidden', [3]],
    ['line', [1, 3]],
    ['anna bob', []],
    ['"failed password"', [1]],
    ['"password failed"', []],
    ['-anna', [2, 3]],
    ['host:fs-*', [2]],
    ['-host:*', [3]],
    ['user:ANNA,bob', [1, 2]],
    ['entity:"b*b"', []],
    ['title:order -line:session', []],
    ['score<2', [3]],
    ['template:t1', [1, 2, 3]],
    ['source:AUTH.log', [1, 2, 3]],
    ['state:decided', []],
    ['-state:decided is:new', [1, 2, 3]],
    ['verdict:none owner:none case:none', [1, 2, 3]],
  ];
  for (const [text, expected] of cases) expect({ text, found: await find(text) }).toEqual({ text, found: expected });
  expect(await find('hidden', 2)).toEqual([]);
  await store.ask('index_text', undefined);
  for (const [text, expected] of cases) expect({ text, found: await find(text) }).toEqual({ text, found: expected });
});

test('decided alerts are shown below the threshold too', async () => {
  const store = await seededStore([alertOf(1, { score: 1 })]);
  await store.ask('give_verdict', {
    verdictId: 'v',
    alertId: 'alert-1',
    value: 'undetermined',
    note: '',
    analyst: 'x',
    givenAt: now,
    foldExpiresAt: null,
    folds: false,
    minScore: 5,
  });
  const page = await store.ask('list_alerts', { ...listed, tab: 'decided', minScore: 5 });
  expect(page).toMatchObject({ counts: { open: 0, decided: 1, folded: 0 }, rows: [{ id: 'alert-1' }] });
});

test('what fell below the threshold is in a list of its own, and nowhere else but among all that is decided', async () => {
  const store = await seededStore([
    alertOf(1, { score: 1 }),
    alertOf(2, { score: 3 }),
    alertOf(3, { score: 2 }),
    alertOf(4, { score: 6 }),
  ]);
  const ids = async (tab: 'open' | 'below', minScore: number) =>
    (await store.ask('list_alerts', { ...listed, tab, minScore })).rows.map(({ id }) => id).sort();
  expect([await ids('open', 3), await ids('below', 3)]).toEqual([
    ['alert-2', 'alert-4'],
    ['alert-1', 'alert-3'],
  ]);
  const { counts } = await store.ask('give_verdict_to_many', {
    ...{ verdictId: 'v', value: 'undetermined', note: '', folds: false, foldExpiresAt: null, minScore: 3 },
    selection: { kind: 'query', query: { tab: 'below', filter: '', zone: 'UTC', asOf: null }, except: [] },
    ...{ analyst: 'x', givenAt: now },
  });
  expect(counts).toMatchObject({ open: 2, decided: 2 });
  expect(await ids('below', 3)).toEqual([]);
});
