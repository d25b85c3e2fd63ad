/** @file Explanations in the store. Catches text of a log that outlives it where nobody kept it, and what was kept that does not. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { seededStore } from './helpers.ts';
import { actor, alertOf, now } from './rows.ts';

const asked = { alertId: 'alert-1', model: 'mistral', promptVersion: 1 };
const said = { text: 'Anomalous: user u0 opened a session.', madeAt: now };

test('what was said of an alert goes with its log; what was kept with a case stays', async () => {
  const store = await seededStore([alertOf(1)]);
  const { model, promptVersion } = asked;
  const explanation = { ...said, model, promptVersion, fingerprint: 'f', isCut: false };
  await store.ask('put_explanation', { alertId: 'alert-1', explanation });
  expect(await store.ask('get_explanation', asked)).toMatchObject(said);
  const kept = { ...said, id: 'kept-1', alertNumber: 1, model, doubts: [] };
  await store.ask('create_case', { caseId: 'case-1', title: 'Case', alertIds: [], actor });
  await store.ask('keep_explanation', { caseId: 'case-1', explanation: kept, actor });
  await store.ask('delete_source', { sourceId: store.sourceId, actor });
  // An answer that comes when its alert is gone is not kept.
  await store.ask('put_explanation', { alertId: 'alert-1', explanation });
  const db = new Database(join(store.directory, 'surprisal.db'), { readonly: true });
  expect(db.prepare('SELECT text FROM explanation').all()).toEqual([]);
  db.close();
  const { explanations } = await store.ask('get_case', { caseId: 'case-1', now });
  expect(explanations).toMatchObject([{ id: 'kept-1', text: said.text }]);
});
