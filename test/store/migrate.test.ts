/** @file Migrations on real files. Catches one that loses rows, stops half way, or runs before there is a way back. */
import Database from 'better-sqlite3';
import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reasonKinds } from '../../src/shared/alerts.ts';
import { migrate, newestVersion, type Migration } from '../../src/main/store/migrate.ts';
import { sendChanges } from '../../src/main/store/migrations/0370-send-changes.ts';
import { migrations } from '../../src/main/store/migrations/all.ts';
import { openStore } from '../../src/main/store/open.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { openTestStore, seededStore, temporaryDirectory } from './helpers.ts';
import { formatIds } from '../../src/shared/lines.ts';
import { actor, alertOf, importLines, listed, now, openInput, runOf, thresholdOf } from './rows.ts';

const newest = newestVersion(migrations);
const addColumn: Migration = {
  version: newest + 10,
  apply: (db) => db.exec(`ALTER TABLE source ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'`),
};
const failing: Migration = {
  version: newest + 20,
  apply: (db) => {
    db.exec('DELETE FROM event');
    throw new Error('a migration with a bug');
  },
};

function look(path: string): { version: unknown; events: unknown; check: unknown } {
  const db = new Database(path, { readonly: true });
  const events = db.prepare('SELECT count(*) FROM event').pluck().get();
  const seen = {
    version: db.pragma('user_version', { simple: true }),
    events,
    check: db.pragma('quick_check', { simple: true }),
  };
  db.close();
  return seen;
}

test('versions only go up, in steps that leave room', () => {
  const versions = migrations.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(versions.filter((version) => version % 10 !== 0)).toEqual([]);
});

test('an old database is backed up, then migrated; a new one needs no backup', async () => {
  const store = await openTestStore();
  await importLines(store, [{ raw: 'a' }, { raw: 'b' }]);
  store.close();
  const { database, backups } = workspacePaths(store.directory);
  const migrated = await openStore(openInput(store.directory), [...migrations, addColumn]);
  migrated.close();
  const { backupPath } = migrated.opened;
  expect(backupPath).toBe(`${backups}/00000003-20261120T130000Z-before-schema-${newest + 10}.db`);
  expect(look(backupPath ?? '')).toEqual({ version: newest, events: 2, check: 'ok' });
  expect(look(database)).toEqual({ version: newest + 10, events: 2, check: 'ok' });
  const again = await openStore(openInput(store.directory), [...migrations, addColumn]);
  expect(again.opened.backupPath).toBeNull();
  again.close();
  expect(readdirSync(backups)).toHaveLength(1);
});

test('a migration that fails leaves all as it was, with one backup of it however often it is tried', async () => {
  const store = await openTestStore();
  await importLines(store, [{ raw: 'a' }]);
  store.close();
  const { database, backups } = workspacePaths(store.directory);
  for (const _attempt of [1, 2]) {
    await expect(openStore(openInput(store.directory), [...migrations, addColumn, failing])).rejects.toThrow('a bug');
    expect(look(database)).toEqual({ version: newest, events: 1, check: 'ok' });
    expect(readdirSync(backups)).toHaveLength(1);
  }
  await openTestStore(store.directory);
});

test('rows that refer to nothing stop a migration', async () => {
  const store = await openTestStore();
  await importLines(store, [{ raw: 'a' }]);
  store.close();
  const careless: Migration = { version: newest + 10, apply: (db) => db.exec('DELETE FROM source') };
  await expect(openStore(openInput(store.directory), [...migrations, careless])).rejects.toThrow('refer to nothing');
  expect(look(workspacePaths(store.directory).database)).toMatchObject({ version: newest, events: 1 });
  expect(existsSync(workspacePaths(store.directory).lock)).toBe(true);
});

test('sources of the first schema keep their rows and what refers to them, and may have every format there is', () => {
  const db = new Database(':memory:');
  migrate(db, migrations.slice(0, 1));
  const columns = 'name, format, state, size_bytes, imported_at, first_event_id, last_event_id, first_session_id';
  db.exec(`INSERT INTO source (id, ${columns}) VALUES (1, 'a', 'bgl', 'ready', 5, 7, 1, 1, 1), (2, 'b', 'sequences', 'ready', 5, 7, 2, 1, 2);
    INSERT INTO event (id, source_id, line_number, template_id, session_id, raw) VALUES (1, 1, 1, 1, 1, 'x')`);
  const before = db.prepare(`SELECT id, ${columns} FROM source`).all();
  migrate(db, migrations);
  expect(db.prepare(`SELECT id, ${columns} FROM source`).all()).toEqual(before);
  for (const format of formatIds) db.prepare('UPDATE source SET format = ? WHERE id = 2').run(format);
  expect(() => db.exec(`UPDATE source SET format = 'unheard' WHERE id = 2`)).toThrow('CHECK');
  expect(() => db.exec('DELETE FROM source WHERE id = 1')).toThrow('FOREIGN KEY');
  db.close();
});

test('text that was indexed up to one watermark stays found, and what was not is indexed source by source', async () => {
  const directory = temporaryDirectory();
  const before = migrations.filter(({ version }) => version < 70);
  const paths = workspacePaths(directory);
  const old = await openStore(openInput(directory), before).catch(() => null);
  old?.close();
  const db = new Database(paths.database);
  db.exec(`INSERT INTO source (id, name, format, state, size_bytes, imported_at, first_event_id, last_event_id, first_session_id)
      VALUES (1, 'a', 'plain', 'ready', 1, 1, 1, 2, 1), (2, 'b', 'plain', 'ready', 1, 1, 3, 5, 2);
    INSERT INTO event (id, source_id, line_number, template_id, session_id, raw)
      VALUES (1, 1, 1, 1, 1, 'word'), (2, 1, 2, 1, 1, 'word'), (3, 2, 1, 1, 2, 'word'), (4, 2, 2, 1, 2, 'word'), (5, 2, 3, 1, 2, 'word');
    INSERT INTO event_text (rowid, raw) SELECT id, raw FROM event WHERE id <= 3;
    UPDATE text_index SET indexed_event_id = 3;`);
  db.close();
  const store = await openTestStore(directory);
  const search = { sourceId: null, text: 'word', afterEventId: 0, limit: 10, maxChars: 100 };
  const found = await store.ask('search_text', search);
  expect([found.events.map(({ id }) => id), found.isIndexed]).toEqual([[1, 2, 3, 4, 5], false]);
  expect(await store.ask('index_text', undefined)).toEqual({ indexedCount: 2 });
  const again = await store.ask('search_text', search);
  expect([again.events.map(({ id }) => id), again.isIndexed]).toEqual([[1, 2, 3, 4, 5], true]);
});

test('verdicts, folds and cases of before the journal stand as they stood, and are taken back in their order', async () => {
  const directory = temporaryDirectory();
  const before = migrations.filter(({ version }) => version <= 70);
  await openStore(openInput(directory), before).catch(() => null);
  const db = new Database(workspacePaths(directory).database);
  expect(db.pragma('user_version', { simple: true })).toBe(70);
  db.exec(`INSERT INTO source (id, name, format, state, size_bytes, imported_at, first_event_id, last_event_id, first_session_id)
      VALUES (1, 'a', 'plain', 'ready', 1, 1, 1, 5, 1);
    INSERT INTO model (number, id, state, created_at, directory, card, curve, files) VALUES (1, 'm', 'in_use', 1, 'm', '{}', '[]', '[]');
    INSERT INTO run VALUES (1, 'r', 1, 'm', 1, 1, 1, 5);`);
  for (const id of [1, 2, 3, 4, 5]) {
    db.exec(`INSERT INTO event (id, source_id, line_number, template_id, session_id, raw) VALUES (${id}, 1, ${id}, 1, 1, 'x');
      INSERT INTO alert (number, id, run_number, source_id, event_id, session_id, last_event_id, score, bits, severity, reason, title,
        signature, template_id, entity_kind, entity_hash, event_count, raised_at, evidence)
      VALUES (${id}, 'a${id}', 1, 1, ${id}, 1, ${id}, 4, 12, 3, 'rare', 't', 's', 1, 'user', 5, 1, 1, '{}');`);
  }
  // a1 was decided twice; each time its like was folded. a4's verdict was taken back.
  const given = `'false_positive_data', '', 'x', 1`;
  db.exec(`INSERT INTO verdict (number, kind, id, given_number, alert_id, value, note, analyst, at)
      VALUES (1, 'given', 'v1', NULL, 'a1', ${given}), (2, 'given', 'v2', NULL, 'a4', ${given}),
        (3, 'taken_back', NULL, 2, 'a4', NULL, NULL, 'x', 1), (4, 'given', 'v4', NULL, 'a1', ${given});
    INSERT INTO fold VALUES (1, 's', ${now * 2}), (4, 's', ${now * 2});
    INSERT INTO folded_alert VALUES (1, 2), (1, 3), (4, 2), (4, 3);
    UPDATE alert SET decided_by = 4 WHERE id = 'a1';
    UPDATE alert SET folded_by = 4 WHERE id IN ('a2', 'a3');
    INSERT INTO case_file (number, id, title, state, created_at, updated_at, changed_by) VALUES (1, 'c', 'T', 'open', 1, 1, 1);
    INSERT INTO case_alert VALUES (1, 5, 1);`);
  db.close();
  const store = await openTestStore(directory);
  const look = async () => {
    const { rows } = await store.ask('list_alerts', { ...listed, tab: 'all' });
    return rows.map(({ id, state, verdict }) => [id, state, verdict?.id ?? '-'].join(' ')).sort();
  };
  const stood = ['a1 decided v4', 'a2 folded -', 'a3 folded -', 'a4 open -', 'a5 open -'];
  expect(await look()).toEqual(stood);
  expect((await store.ask('get_case', { caseId: 'c', now })).alerts.map(({ id }) => id)).toEqual(['a5']);
  const step = { actor, minScore: 0 };
  expect(await store.ask('undo_action', step)).toMatchObject({ kind: 'verdict', alertCount: 1, foldedCount: 2 });
  expect(await look()).toEqual(['a1 decided v1', ...stood.slice(1)]);
  await store.ask('undo_action', step);
  expect(await look()).toEqual(['a1 open -', 'a2 open -', 'a3 open -', 'a4 open -', 'a5 open -']);
  expect(await store.ask('undo_action', step)).toBeNull();
  await store.ask('redo_action', step);
  await store.ask('redo_action', step);
  expect(await look()).toEqual(stood);
});

test('alerts and thresholds of before detectors keep their rows, are of the key model, and may have every reason there is', () => {
  const db = new Database(':memory:');
  migrate(
    db,
    migrations.filter(({ version }) => version < 90),
  );
  db.pragma('foreign_keys = OFF');
  db.exec(`INSERT INTO alert (number, id, run_number, source_id, event_id, session_id, last_event_id, score, bits, severity, reason, title,
      signature, template_id, entity_kind, entity_hash, event_count, raised_at, evidence)
      VALUES (1, 'a', 1, 1, 1, 1, 1, 4, 12, 3, 'end', 't', 's', 1, 'user', 5, 1, 1, '{"culprits":[]}');
    INSERT INTO threshold VALUES (1, 'm', 3, 3, 'verdicts', 20, 'day', 100, 100, 'means', 1, 2)`);
  migrateLoose(db);
  expect(db.prepare('SELECT reason, detector, perplexity, confidence, title FROM alert').all()).toEqual([
    { reason: 'end', detector: 'key', perplexity: null, confidence: null, title: 't' },
  ]);
  expect(db.prepare('SELECT reason, verdict_count AS count FROM threshold').all()).toEqual([
    { reason: 'verdicts', count: 2 },
  ]);
  for (const reason of reasonKinds) db.prepare('UPDATE alert SET reason = ?').run(reason);
  expect(() => db.exec(`UPDATE alert SET reason = 'unheard'`)).toThrow('CHECK');
  db.exec(`UPDATE threshold SET reason = 'drift'`);
  // All there was before presets judged within the budget.
  expect(db.prepare('SELECT preset FROM threshold').pluck().all()).toEqual(['{"kind":"budget"}']);
  db.exec(`UPDATE threshold SET reason = 'preset', preset = '{"kind":"top_k","k":3}'`);
  expect(() => db.exec(`UPDATE threshold SET reason = 'unheard'`)).toThrow('CHECK');
  db.close();
});

test('evidence moves beside its alert: every other column, what refers to alerts, and every index stay as they were', async () => {
  const directory = temporaryDirectory();
  const before = migrations.filter(({ version }) => version < 170);
  await openStore(openInput(directory), before).catch(() => null); // an older app has no such methods
  const db = new Database(workspacePaths(directory).database);
  db.exec(`INSERT INTO source (id, name, format, state, size_bytes, imported_at, first_event_id, last_event_id, first_session_id)
      VALUES (1, 'a', 'plain', 'ready', 1, 1, 1, 6, 1);
    INSERT INTO model (number, id, state, created_at, directory, card, curve, files) VALUES (1, 'm', 'in_use', 1, 'm', '{}', '[]', '[]');
    INSERT INTO run (number, id, source_id, model_id, threshold_version, started_at, finished_at, event_count) VALUES (1, 'r', 1, 'm', 1, 1, 1, 6);
    INSERT INTO verdict (number, kind, id, alert_id, value, note, analyst, at) VALUES (1, 'given', 'v', 'a2', 'undetermined', '', 'x', 1);
    INSERT INTO mute (number, id, filter, zone, reason, analyst, at) VALUES (1, 'u', 'host:a', 'UTC', '', 'x', 1);`);
  // One in each state; the fourth is the repeat of the first. Numbers have gaps, as after a later run.
  const states = ['NULL, NULL, NULL, NULL', '1, NULL, NULL, NULL', 'NULL, 1, NULL, NULL', 'NULL, NULL, NULL, 10'];
  for (const [index, state] of [...states, 'NULL, NULL, 1, NULL'].entries()) {
    const number = (index + 1) * 10;
    const at = index === 4 ? 'NULL' : 1000 - index;
    db.exec(`INSERT INTO event (id, source_id, line_number, template_id, session_id, raw)
        VALUES (${index + 1}, 1, ${index + 1}, 1, 1, 'x');
      INSERT INTO alert (number, id, run_number, source_id, event_id, session_id, last_event_id, score, bits, severity, reason, detector,
          title, signature, template_id, entity_kind, entity_hash, event_count, at, raised_at, is_viewed, owner, fingerprint, actor,
          culprits, repeat_count, perplexity, evidence, decided_by, folded_by, muted_by, head_number)
        VALUES (${number}, 'a${index + 1}', 1, 1, ${index + 1}, 7, 9, ${index}.1, 0.1, 3, 'pair', 'pair', 'title', 's${index % 2}', 1, 'user',
          -5, 2, ${at}, 77, ${index % 2}, 'me', 'f', 'w', '[[1,0.5]]', ${index === 0 ? 1 : 0}, 1.5, '{"culprits":[${index}]}', ${state});`);
  }
  db.exec(`INSERT INTO folded_alert VALUES (1, 30);
    INSERT INTO case_file (number, id, title, state, created_at, updated_at, changed_by) VALUES (1, 'c', 'T', 'open', 1, 1, 1);
    INSERT INTO case_alert VALUES (1, 20, 1);`);
  const rows = (): Record<string, unknown>[] =>
    db.prepare<[], Record<string, unknown>>('SELECT * FROM alert ORDER BY number').all();
  const indexes = (): string[] =>
    db
      .prepare<[], string>(
        `SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'alert' AND sql IS NOT NULL`,
      )
      .pluck()
      .all();
  const [stood, indexed] = [rows(), indexes()];
  migrate(
    db,
    migrations.filter(({ version }) => version <= 170),
  );
  expect(rows()).toEqual(stood.map(({ evidence: _evidence, ...row }) => row));
  expect(rows().map(({ state }) => state)).toEqual(['open', 'decided', 'folded', 'repeat', 'muted']);
  const evidence = stood.map((row) => ({ alert_number: row['number'], evidence: row['evidence'] }));
  expect(db.prepare('SELECT alert_number, evidence FROM alert_evidence ORDER BY alert_number').all()).toEqual(evidence);
  expect(
    db.prepare('SELECT alert_number FROM folded_alert UNION ALL SELECT alert_number FROM case_alert').pluck().all(),
  ).toEqual([30, 20]);
  const kept = indexed.filter((sql) => !sql.includes('alert__state_raised_at'));
  expect(
    indexes()
      .filter((sql) => !sql.includes('alert__open_raised_at'))
      .sort(),
  ).toEqual(kept.sort());
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  // Evidence goes with its alert, or it would be kept for ever.
  db.exec('DELETE FROM alert WHERE number = 50');
  expect(db.prepare('SELECT count(*) FROM alert_evidence').pluck().get()).toBe(4);
  db.close();
  const store = await openTestStore(directory);
  expect((await store.ask('get_alert', { alertId: 'a3', now })).evidence).toEqual({ votes: [], culprits: [2] });
});

test('the indexes for verdicts on many take the place of the one that each alert had an entry in', () => {
  const db = new Database(':memory:');
  migrate(
    db,
    migrations.filter(({ version }) => version < 320),
  );
  const indexes = (): string[] =>
    db
      .prepare<[], string>(
        `SELECT name FROM sqlite_schema WHERE name IN ('alert__open', 'alert__folded', 'alert__known') ORDER BY name`,
      )
      .pluck()
      .all();
  expect(indexes()).toEqual(['alert__open']);
  migrate(db, migrations);
  expect(indexes()).toEqual(['alert__folded', 'alert__known']);
  db.close();
});

test('what is to be folded again is nothing at first, and the index of heads, with a time more, finds the same', () => {
  const db = new Database(':memory:');
  migrate(
    db,
    migrations.filter(({ version }) => version < 380),
  );
  db.exec(`
    PRAGMA foreign_keys = OFF;
    INSERT INTO source (id, name, format, state, size_bytes, imported_at, first_event_id, last_event_id, first_session_id)
      VALUES (1, 'a.log', 'plain', 'ready', 0, 1, 1, 0, 1);
  `);
  const index = (): unknown =>
    db.prepare(`SELECT group_concat(name) FROM pragma_index_info('alert__head_number')`).pluck().get();
  expect(index()).toBe('head_number,event_id');
  migrate(db, migrations);
  expect(index()).toBe('head_number,event_id,at');
  expect(db.prepare('SELECT id, name, fold_from_event_id FROM source').raw().all()).toEqual([[1, 'a.log', null]]);
  db.close();
});

/** Without the rows that these refer to. */
function migrateLoose(db: InstanceType<typeof Database>): void {
  for (const migration of migrations.filter(({ version }) => version >= 90)) migration.apply(db);
}

test('what is followed keeps its place when the API gets sources of its own, and still may be named once', () => {
  const { database } = workspacePaths(temporaryDirectory());
  const db = new Database(database);
  migrate(
    db,
    migrations.filter(({ version }) => version < 280),
  );
  db.exec(`
    INSERT INTO watch VALUES (1, 'file', '/var/log/a.log', '', NULL, 'following', 5), (7, 'folder', '/var/log', '*', 'bgl', 'stopped', 6);
    INSERT INTO source (id, name, format, state, size_bytes, imported_at, first_event_id, last_event_id, first_session_id)
      VALUES (1, 'a.log', 'plain', 'ready', 0, 1, 1, 0, 1);
    INSERT INTO follow (source_id, watch_id, path, place) VALUES (1, 1, '/var/log/a.log', '{"firstLine":3}');
  `);
  const rows = (table: string): unknown[] => db.prepare(`SELECT * FROM ${table}`).all();
  const before = [rows('watch'), rows('follow')];
  migrate(db, migrations);
  expect([rows('watch'), rows('follow')]).toEqual(before);
  const add = (kind: string): unknown =>
    db.exec(`INSERT INTO watch (kind, path, pattern, state, added_at) VALUES ('${kind}', '', '', 'following', 1)`);
  add('api');
  expect(() => add('api')).toThrow('UNIQUE');
  expect(() => add('ftp')).toThrow('CHECK');
  expect(() => db.exec('DELETE FROM watch WHERE id = 1')).toThrow('FOREIGN KEY');
  db.close();
});

test('what outputs had sent before they heard of changes counts as told, and nothing that is off or hidden does', () => {
  const db = new Database(':memory:');
  migrate(
    db,
    migrations.filter(({ version }) => version < 370),
  );
  db.pragma('foreign_keys = OFF');
  const alert = `run_number, source_id, event_id, session_id, last_event_id, score, bits, severity, reason, title, signature, template_id, entity_kind,
    entity_hash, event_count, raised_at`;
  const add = db.prepare(
    `INSERT INTO alert (number, id, folded_by, ${alert}) VALUES (@number, @number, @folded, 1, 1, @number, 1, 1, 5, 5, @severity, 'unseen', '', '', 1, 'user', 1, 1, 1)`,
  );
  for (const [number, severity, folded] of [
    [1, 3, null],
    [2, 4, 1],
    [3, 5, null],
    [4, 2, null],
  ])
    add.run({ number, severity, folded });
  const set = db.prepare(`INSERT INTO output (kind, settings, after_number) VALUES (?, ?, ?)`);
  set.run('webhook', '{"isOn":true}', 3);
  set.run('splunk', '{"isOn":false}', 4);
  const before = db.prepare('SELECT kind, settings, after_number FROM output').all();
  sendChanges.apply(db);
  expect(db.prepare('SELECT kind, settings, after_number FROM output').all()).toEqual(before);
  expect(db.prepare('SELECT alert_number, kind, severity FROM output_told ORDER BY alert_number').raw().all()).toEqual([
    [1, 'webhook', 3],
    [3, 'webhook', 5],
  ]);
  const changes = db.prepare('SELECT alert_number FROM alert_change ORDER BY number').pluck();
  db.exec(
    `UPDATE alert SET severity = severity; UPDATE alert SET score = 4; UPDATE alert SET folded_by = 1 WHERE number = 1`,
  );
  expect(changes.all()).toEqual([]);
  db.exec(`UPDATE alert SET folded_by = NULL; UPDATE alert SET severity = 4 WHERE number = 4`);
  expect(changes.all()).toEqual([1, 2, 4]);
  db.close();
});

test('what was confirmed for an attack before is as severe as what is confirmed now, and nothing else is', async () => {
  const store = await seededStore([
    alertOf(1, { severity: 2 }),
    alertOf(2, { severity: 5 }),
    alertOf(3, { severity: 1, signature: 'bb' }),
  ]);
  const given = { note: '', analyst: 'a', givenAt: now, foldExpiresAt: null, folds: false, minScore: 0 };
  for (const [alertId, value] of [
    ['alert-1', 'true_positive'],
    ['alert-2', 'true_positive'],
    ['alert-3', 'benign_true_positive'],
  ] as const)
    await store.ask('give_verdict', { verdictId: alertId, alertId, value, ...given });
  store.close();
  const db = new Database(workspacePaths(store.directory).database);
  const rows = (): unknown[] => db.prepare('SELECT severity, own_severity FROM alert ORDER BY number').raw().all();
  const lifted = rows();
  db.exec(
    `UPDATE alert SET severity = own_severity, own_severity = NULL WHERE own_severity IS NOT NULL; PRAGMA user_version = 380`,
  );
  expect(rows()).toEqual([
    [2, null],
    [5, null],
    [1, null],
  ]);
  migrate(
    db,
    migrations.filter(({ version }) => version <= 390),
  );
  expect(rows()).toEqual(lifted);
  db.close();
});

test('the journal keeps its actions, in their states and order, when forgetting is one of them', () => {
  const db = new Database(':memory:');
  const upTo = (version: number) =>
    migrate(
      db,
      migrations.filter((one) => one.version <= version),
    );
  upTo(430);
  const insert = db.prepare(
    `INSERT INTO action (kind, state, reference, owner, alert_count, analyst, at, into_reference) VALUES (?, ?, ?, ?, 2, 'j', 5, ?)`,
  );
  insert.run('verdict', 'done', 7, null, null);
  insert.run('assign', 'undone', null, 'anna', null);
  insert.run('case_merge', 'done', 3, null, 4);
  expect(() => insert.run('forget', 'done', 1, null, null)).toThrow('CHECK');
  const rows = (): unknown[] =>
    db.prepare('SELECT number, kind, state, reference, owner, into_reference FROM action ORDER BY number').all();
  const before = rows();
  upTo(440);
  expect(rows()).toEqual(before);
  insert.run('forget', 'done', 1, null, null);
  expect(() => insert.run('else', 'done', 1, null, null)).toThrow('CHECK');
  db.close();
});

test('what was flagged is known of alerts of before: by the threshold that their run had', async () => {
  const store = await seededStore([]);
  await store.ask('add_threshold', { threshold: thresholdOf(4), actor });
  const alerts = [alertOf(1, { score: 5 }), alertOf(2, { score: 3.5 })];
  const samples = [{ alert: alertOf(3, { score: 1 }), weight: 2 }];
  await store.ask('replace_run', { ...runOf(store.sourceId, 'run-2', alerts), samples });
  store.close();
  const db = new Database(workspacePaths(store.directory).database);
  const rows = (): unknown[] => db.prepare('SELECT event_id, was_flagged FROM alert ORDER BY event_id').raw().all();
  const flagged = rows();
  expect(flagged).toEqual([
    [1, 1],
    [2, 0],
    [3, 0],
  ]);
  db.exec('ALTER TABLE alert DROP COLUMN was_flagged; PRAGMA user_version = 440');
  migrate(
    db,
    migrations.filter(({ version }) => version <= 460),
  );
  expect(rows()).toEqual(flagged);
  db.close();
});
