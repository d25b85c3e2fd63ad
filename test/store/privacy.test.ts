/** @file Where text of logs may be: the event table and its index. Catches words that leak into any other table. */
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { seededStore } from './helpers.ts';
import { actor, alertOf, day, importLines, now, runOf } from './rows.ts';

const words = ['kassiopeia', 'andromeda', 'zubenelgenubi', 'betelgeuse'];

test('no other table holds a word of the log', async () => {
  const store = await seededStore([alertOf(1)]);
  const { sourceId } = await importLines(store, [
    { raw: `login of ${words[0]} from ${words[1]}`, host: words[2] as string, entity: words[3] as string, template: 3 },
  ]);
  await store.ask('index_text', undefined);
  await store.ask('replace_run', runOf(sourceId, 'run-2', [alertOf(21)]));
  await store.ask('mark_viewed', { alertId: 'alert-21', actor });
  const verdict = { analyst: 'x', givenAt: now, foldExpiresAt: now + day, folds: true, minScore: 0 };
  await store.ask('give_verdict', {
    ...verdict,
    verdictId: 'v',
    alertId: 'alert-21',
    value: 'true_positive',
    note: 'analyst note',
  });
  await store.ask('undo_action', { actor, minScore: 0 });
  await store.ask('create_case', { caseId: 'c', title: 'analyst title', alertIds: ['alert-21'], actor });
  await store.ask('add_note', { noteId: 'n', caseId: 'c', text: 'analyst text', actor });
  store.close();
  const db = new Database(workspacePaths(store.directory).database, { readonly: true });
  const tables = db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'event%'`)
    .pluck()
    .all();
  expect(tables).toEqual(expect.arrayContaining(['alert', 'audit', 'session', 'template', 'verdict', 'note']));
  const leaks = tables.flatMap((table) => {
    const content = db
      .prepare<[], Record<string, unknown>>(`SELECT * FROM "${table}"`)
      .all()
      .flatMap((row) => Object.values(row))
      .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
      .join('\n');
    return words.filter((word) => content.includes(word)).map((word) => `${word} in ${table}`);
  });
  // Audit entries name the analyst's own texts by id only: these too can be removed without breaking the chain.
  const audit = db.prepare<[], string>('SELECT group_concat(details || subject) FROM audit').pluck().get();
  db.close();
  expect(leaks).toEqual([]);
  expect(audit).not.toContain('analyst');
});
