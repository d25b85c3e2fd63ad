/**
 * @file Folding again what a change left, some alerts at a time. Catches a slice that forgets what came before it, an end of the app that leaves alerts half
 * folded for good, and a verdict, a mute or new alerts in between after which a count does not fit or an alert is under one that is no head.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createMethods } from '../../src/main/store/methods.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import type { NewAlert } from '../../src/main/store/protocol/alerts.ts';
import { seededStore } from './helpers.ts';
import { actor, alertOf, asTestStore, now, runOf, thresholdOf, type TestStore } from './rows.ts';

const lineCount = 24;
const sourceId = 1;
type Connection = InstanceType<typeof Database>;
type Held = { db: Connection; store: TestStore };
/** A workspace with lines and a model in use, to begin each run with. */
let seed: Buffer;

beforeAll(async () => {
  const store = await seededStore([], lineCount);
  await store.ask('add_threshold', { threshold: thresholdOf(4), actor });
  await store.ask('use_model', { modelId: 'model-1', actor });
  const copy = join(store.directory, 'copy.db');
  const db = new Database(workspacePaths(store.directory).database);
  db.prepare('VACUUM INTO ?').run(copy);
  db.close();
  seed = readFileSync(copy);
});

/** As after a start of the app: nothing is known but what is in the rows. */
function started(db: Connection): Held {
  const opened = { hashKey: new Uint8Array() } as TestStore['opened'];
  return { db, store: asTestStore('', { opened, methods: createMethods(db), close: () => db.close() }) };
}

type Row = Record<
  'eventId' | 'head' | 'headOfHead' | 'count' | 'lastAt' | 'counted' | 'countedLastAt',
  number | null
> & {
  state: string;
};

function rowsOf({ db }: Held): Row[] {
  return db
    .prepare<[], Row>(
      `SELECT alert.event_id AS eventId, alert.state, head.event_id AS head, head.head_number AS headOfHead, alert.repeat_count AS count,
         alert.repeat_last_at AS lastAt, (SELECT count(*) FROM alert AS again WHERE again.head_number = alert.number) AS counted,
         (SELECT max(at) FROM alert AS again WHERE again.head_number = alert.number) AS countedLastAt
       FROM alert LEFT JOIN alert AS head ON head.number = alert.head_number ORDER BY alert.event_id`,
    )
    .all();
}

async function foldWhole(store: TestStore, limit: number): Promise<void> {
  while ((await store.ask('fold_again', { limit })).isLeft);
}

const logs = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 200 }),
      kind: fc.nat(2),
      who: fc.nat(1),
      score: fc.integer({ min: 4, max: 8 }),
      severity: fc.integer({ min: 3, max: 4 }),
      hasTime: fc.integer({ min: 0, max: 9 }).map((value) => value > 0),
    }),
    { minLength: 6, maxLength: lineCount - 4 },
  )
  .map((shapes) => {
    let seconds = 0;
    return shapes.map(({ gap, kind, who, score, severity, hasTime }, index): NewAlert => {
      seconds += gap;
      return alertOf(index + 1, {
        ...{ score, severity: severity as 3 | 4, signature: `s${kind}`, at: hasTime ? now + seconds * 1000 : null },
        ...{ fingerprint: `${kind} ${who}`, profile: { actor: `a${who}`, culprits: [[kind, 1]] } },
      });
    });
  });
const foldings = fc.record({
  cooldownSeconds: fc.constantFrom(60, 300, 1000),
  similarity: fc.constantFrom(0.6, 0.8),
});

async function changed(alerts: NewAlert[], score: number, folding: { cooldownSeconds: number; similarity: number }) {
  const held = started(new Database(seed));
  await held.store.ask('replace_run', runOf(sourceId, 'run-2', alerts));
  await held.store.ask('add_threshold', { threshold: thresholdOf(score), actor });
  await held.store.ask('set_setting', { key: 'folding', value: folding, actor });
  return held;
}

test('in slices of any size, cut off by ends of the app or not, as all at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      logs,
      fc.integer({ min: 4, max: 8 }),
      foldings,
      fc.array(fc.record({ limit: fc.integer({ min: 1, max: 7 }), ends: fc.boolean() }), { minLength: 1 }),
      async (alerts, score, folding, slices) => {
        const whole = await changed(alerts, score, folding);
        await foldWhole(whole.store, 1000);
        let held = await changed(alerts, score, folding);
        for (const { limit, ends } of slices) {
          await held.store.ask('fold_again', { limit });
          if (ends) held = started(held.db);
        }
        await foldWhole(held.store, 3);
        expect(rowsOf(held)).toEqual(rowsOf(whole));
        for (const { db } of [held, whole]) db.close();
      },
    ),
    { numRuns: 15 },
  );
});

const meantime = fc.oneof(
  fc.record({ does: fc.constant('judge' as const), event: fc.integer({ min: 1, max: 20 }), isThreat: fc.boolean() }),
  fc.record({ does: fc.constant('mute' as const), kind: fc.nat(2) }),
  fc.record({ does: fc.constant('move' as const), score: fc.integer({ min: 4, max: 8 }) }),
  fc.record({ does: fc.constantFrom('undo' as const, 'raise' as const, 'nothing' as const) }),
);

test('whatever happens in between, each alert stands by itself or is counted by one that does, and counts fit', async () => {
  await fc.assert(
    fc.asyncProperty(
      logs,
      fc.integer({ min: 4, max: 8 }),
      foldings,
      fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), meantime), { minLength: 2, maxLength: 8 }),
      async (alerts, score, folding, steps) => {
        const held = await changed(alerts, score, folding);
        const { store } = held;
        let raised = 0;
        for (const [index, [limit, step]] of steps.entries()) {
          await store.ask('fold_again', { limit });
          if (step.does === 'judge' && step.event <= alerts.length) {
            const value = step.isThreat ? 'true_positive' : 'false_positive_logic';
            const fold = { foldExpiresAt: step.isThreat ? null : now + 1000, folds: !step.isThreat, minScore: 4 };
            const given = {
              verdictId: `v${index}`,
              alertId: `alert-${step.event}`,
              value,
              note: '',
              analyst: 'x',
            } as const;
            await store.ask('give_verdict', { ...given, ...fold, givenAt: now });
          } else if (step.does === 'mute') {
            const mute = { muteId: `m${index}`, zone: 'UTC', reason: 'x', expiresAt: null, minScore: 4, actor };
            await store.ask('mute_alerts', { ...mute, filter: `signature:s${step.kind}` });
          } else if (step.does === 'move') {
            await store.ask('add_threshold', { threshold: thresholdOf(step.score), actor });
          } else if (step.does === 'undo') {
            await store.ask('undo_action', { actor, minScore: 4 });
          } else if (step.does === 'raise' && raised < 4) {
            const eventId = alerts.length + ++raised;
            const alert = { ...(alerts[0] as NewAlert), id: `alert-${eventId}`, eventId, at: now + eventId * 1000 };
            const run = { ...runOf(sourceId, 'live', []), at: now, scoredEventId: eventId, endsScored: [] };
            await store.ask('raise_alerts', { ...run, alerts: [{ alert, previousEventId: null, fresh: alert }] });
          }
        }
        await foldWhole(store, 2);
        const found = rowsOf(held);
        expect(found).toHaveLength(alerts.length + raised);
        for (const { eventId, head, headOfHead, count, counted, lastAt, countedLastAt } of found) {
          if (head !== null) expect(head).toBeLessThan(eventId ?? 0);
          expect([headOfHead, count, lastAt]).toEqual([null, counted, countedLastAt]);
        }
        held.db.close();
      },
    ),
    { numRuns: 25 },
  );
});
