/** @file A full disk. Catches a write that half happens, and a store that does not work again afterwards. */
import { expect, test } from 'vitest';
import { coded } from '../../src/main/store/coded.ts';
import { openConnection } from '../../src/main/store/connection.ts';
import { createMethods } from '../../src/main/store/methods.ts';
import { openStore } from '../../src/main/store/open.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { seededStore } from './helpers.ts';
import { actor, alertOf, asTestStore, batchOf, now, openInput, totalsOf } from './rows.ts';

test('what does not fit is not saved, says so, and all else works on', async () => {
  const seeded = await seededStore([1, 2, 3].map((event) => alertOf(event)));
  seeded.close();
  const paths = workspacePaths(seeded.directory);
  const db = openConnection(paths.database);
  const store = asTestStore(seeded.directory, {
    opened: seeded.opened,
    methods: coded(createMethods(db), paths),
    close: () => void db.close(),
  });
  const { sourceId, nextEventId } = await store.ask('begin_source', {
    name: 'big.log',
    format: 'plain',
    sizeBytes: 1,
    assumption: { year: null, zone: null },
    importedAt: now,
    actor,
  });
  const lines = Array.from({ length: 500 }, (_, row) => ({ raw: `${row} ${'x'.repeat(1000)}`, session: 2 }));
  const append = { sourceId, events: batchOf(lines, nextEventId), templates: [], sessions: [] };
  const verdict = {
    verdictId: 'v',
    alertId: 'alert-1',
    value: 'false_positive_logic',
    note: 'n'.repeat(20_000),
    analyst: 'x',
    givenAt: now,
    foldExpiresAt: now + 1000,
    folds: true,
    minScore: 0,
  } as const;
  const full = { code: 'STORE_FULL', message: expect.stringContaining('Free some space') };

  const pages = db.pragma('page_count', { simple: true }) as number;
  db.pragma(`max_page_count = ${pages + 1}`);
  await expect(store.ask('append_events', append)).rejects.toMatchObject(full);
  await expect(store.ask('give_verdict', verdict)).rejects.toMatchObject(full);
  expect(await store.ask('alert_counts', { minScore: 0 })).toMatchObject({ open: 3, decided: 0, folded: 0 });
  expect((await store.ask('read_keys', { sourceId, afterEventId: 0, limit: 10 })).eventIds).toHaveLength(0);
  expect(await store.ask('get_alert', { alertId: 'alert-1', now })).toMatchObject({
    row: { state: 'open' },
    history: [],
  });

  db.pragma('max_page_count = 1000000');
  await store.ask('append_events', append);
  await store.ask('finish_source', {
    sourceId,
    state: 'ready',
    sha256: null,
    totals: totalsOf(500),
    templates: [],
    sessions: [],
    actor,
  });
  expect((await store.ask('give_verdict', verdict)).foldedCount).toBe(2);
  expect(await store.ask('verify_audit', undefined)).toMatchObject({ brokenAt: null });
  expect(db.pragma('quick_check', { simple: true })).toBe('ok');
  store.close();
  (await openStore(openInput(seeded.directory))).close();
});
