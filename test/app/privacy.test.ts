/** @file Where a log's words end up: in its events and their index, and nowhere else in the workspace. */
import Database from 'better-sqlite3';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { importLog, openApp, scoreSources } from '../helpers/app.ts';
import { learnOffice } from '../helpers/learned.ts';

/** Words of the office's log that are no words of ours: people, machines, programs, addresses, paths, messages. */
const words = [
  'anna',
  'stefan',
  'mallory',
  'build1',
  'rogued',
  'beacon',
  'handshake',
  'pam_unix',
  'publickey',
  'systemd-logind',
  'CRON',
  '/usr/bin',
  'intranet',
  '10.20.7.21',
  '203.0.113',
];

/** As text may lie in a file or a blob. */
const forms = words.flatMap((word) => [Buffer.from(word, 'utf8'), Buffer.from(word, 'utf16le')]);
const wordsIn = (bytes: Buffer): string[] =>
  forms.flatMap((form, index) => (bytes.includes(form) ? [words[index >> 1] ?? ''] : []));

it('the whole job leaves log text in events only', async () => {
  const learned = await learnOffice();
  const workspace = await learned.copy();
  const test = await openApp(workspace);
  await scoreSources(test, [await importLog(test, learned.watched.path)]);
  const { rows } = await test.ask('alerts.list', { tab: 'open' });
  for (const { id } of rows) await test.ask('alerts.get', { alertId: id });
  await test.ask('logs.search', { text: 'mallory', afterEventId: 0, limit: 10 });
  await test.ask('verdicts.give', { alertId: rows[0]?.id ?? '', value: 'false_positive_logic', note: 'known' });
  await test.ask('verdicts.give', { alertId: rows[1]?.id ?? '', value: 'true_positive' });
  await test.ask('actions.undo', {});
  const { id: caseId } = await test.ask('cases.create', {
    title: 'Case',
    alertIds: rows.slice(0, 5).map(({ id }) => id),
  });
  for (const format of ['html', 'csv'] as const) await test.ask('reports.export', { caseId, format });
  await test.close();

  const inLog = learned.watched.lines.concat(learned.quiet.lines).join('\n');
  expect(words.filter((word) => !inLog.includes(word))).toEqual([]);

  const database = new Database(join(workspace, 'surprisal.db'), { readonly: true });
  const tables = database
    .prepare<[], string>(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .pluck()
    .all()
    .filter((name) => name !== 'event' && !name.startsWith('event_text'));
  expect(tables).toContain('alert');
  const found: string[] = [];
  for (const table of tables) {
    for (const row of database.prepare<[], Record<string, unknown>>(`SELECT * FROM "${table}"`).iterate()) {
      for (const [column, value] of Object.entries(row)) {
        const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
        for (const word of wordsIn(bytes)) found.push(`${table}.${column}: ${word}`);
      }
    }
  }
  database.close();
  expect(found).toEqual([]);

  // A backup is the database once more.
  const files = readdirSync(workspace, { recursive: true })
    .map((name) => join(workspace, String(name)))
    .filter(
      (path) => statSync(path).isFile() && !/surprisal\.db(-wal|-shm)?$|[\\/]backups[\\/][^\\/]+\.db$/.test(path),
    );
  expect(files.some((path) => path.endsWith('detector.json'))).toBe(true);
  expect(files.flatMap((path) => wordsIn(readFileSync(path)).map((word) => `${path}: ${word}`))).toEqual([]);
});
