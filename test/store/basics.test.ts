/** @file The working day in one pass: import, read, search, alert, decide, undo, case. Catches statements that do not run at all. */
import { expect, test } from 'vitest';
import { openTestStore } from './helpers.ts';
import { actor, addModel, alertOf, day, importLines, now, runOf, listed } from './rows.ts';

test('a workspace goes through a whole day', async () => {
  const store = await openTestStore();
  expect(store.opened).toEqual({
    workspaceId: 'workspace-1',
    name: expect.stringMatching(/^surprisal-store-/),
    analyst: 'j.keller',
    hashKey: new Uint8Array(32).fill(7),
    backupPath: null,
    newestBackup: null,
  });
  await addModel(store);
  await store.ask('use_model', { modelId: 'model-1', actor });
  const { sourceId } = await importLines(store, [
    { raw: 'Nov 20 13:58:01 fs-02 sshd[1]: Accepted password for anna.weiss from 10.1.2.3 port 22' },
    {
      raw: 'Nov 20 13:58:02 fs-02 sudo: anna.weiss : COMMAND=/usr/bin/shred -uzn 3 /srv/finance/ledger.db',
      template: 1,
    },
    { raw: 'Nov 20 13:58:03 fs-02 sshd[1]: session closed for user anna.weiss', session: 2 },
  ]);
  expect(await store.ask('list_sources', undefined)).toMatchObject([
    { id: sourceId, state: 'ready', eventCount: 3, templateCount: 2, fitShare: 1, scoredAt: null },
  ]);
  expect(await store.ask('totals', undefined)).toEqual({
    ...{ sources: 1, events: 3, unreadableLines: 0, unsortedLines: 0 },
    ...{ models: 1, cases: 0 },
  });
  const before = await store.ask('search_text', { sourceId, text: 'SHRED', afterEventId: 0, limit: 10, maxChars: 20 });
  expect(before).toMatchObject({ isIndexed: false, events: [{ id: 2, raw: 'Nov 20 13:58:02 fs-0' }] });
  expect(await store.ask('index_text', undefined)).toEqual({ indexedCount: 3 });
  const found = await store.ask('search_text', {
    sourceId: null,
    text: '/srv/finance led',
    afterEventId: 0,
    limit: 10,
    maxChars: 2000,
  });
  expect(found).toMatchObject({ isIndexed: true, events: [{ id: 2, host: 'fs-02', severity: 0 }] });

  const keys = await store.ask('read_keys', { sourceId, afterEventId: 1, limit: 10 });
  expect([...keys.eventIds]).toEqual([2, 3]);
  expect([...keys.templateIndexes]).toEqual([1, 0]);
  expect((await store.ask('list_templates', undefined))[1]).toMatchObject({ index: 1, tokens: [2 ** 52 + 1, 0, -3] });

  const outcome = await store.ask(
    'replace_run',
    runOf(sourceId, 'run-1', [alertOf(1), alertOf(2, { score: 7, severity: 5 }), alertOf(3)]),
  );
  expect(outcome).toEqual({ raised: 3, folded: 0, removed: 0 });
  const input = { ...listed, limit: 2, minScore: 3 };
  const page = await store.ask('list_alerts', input);
  expect(page.rows.map(({ number }) => number)).toEqual([2, 3]);
  const rest = await store.ask('list_alerts', { ...input, after: page.nextCursor });
  expect(rest.rows.map(({ number }) => number)).toEqual([1]);
  expect(rest.nextCursor).toBeNull();

  const given = await store.ask('give_verdict', {
    verdictId: 'verdict-1',
    alertId: 'alert-2',
    value: 'false_positive_logic',
    note: 'backup job',
    analyst: 'j.keller',
    givenAt: now,
    foldExpiresAt: now + 30 * day,
    folds: true,
    minScore: 3,
  });
  expect(given).toMatchObject({ foldedCount: 2, counts: { open: 0, decided: 1, folded: 2 } });
  const undone = await store.ask('undo_action', { actor, minScore: 3 });
  expect(undone).toMatchObject({ foldedCount: 2, counts: { open: 3, decided: 0, folded: 0 } });
  const redone = await store.ask('redo_action', { actor, minScore: 3 });
  expect(redone).toMatchObject({ foldedCount: 2, counts: { open: 0, decided: 1, folded: 2 } });

  const record = await store.ask('create_case', { caseId: 'case-1', title: 'Ledger', alertIds: ['alert-2'], actor });
  expect(record).toMatchObject({ number: 1, alertCount: 1, severity: 1 });
  await store.ask('add_note', { noteId: 'note-1', caseId: 'case-1', text: 'Account locked', actor });
  expect(await store.ask('get_case', { caseId: 'case-1', now })).toMatchObject({
    alerts: [{ id: 'alert-2', entity: 'anna.weiss', foldedCount: 2, caseNumber: 1 }],
    notes: [{ text: 'Account locked' }],
  });
  expect(await store.ask('get_alert', { alertId: 'alert-1', now })).toMatchObject({
    row: { state: 'folded', seenBefore: { false_positive_logic: 1 } },
    history: [],
    evidence: { culprits: [{ eventId: 1, expected: [{ probability: 0.5 }] }] },
  });
  expect(await store.ask('labelled_scores', { modelId: 'model-1' })).toMatchObject([
    { score: 7, value: 'false_positive_logic' },
  ]);
  expect(await store.ask('verify_audit', undefined)).toMatchObject({ count: 11, brokenAt: null });
});
