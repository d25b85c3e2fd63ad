/** @file Counts that are kept. Catches a count from before a write, from before another connection's, or from inside of a transaction that was taken back. */
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countsAsked } from '../../src/main/store/countsAsked.ts';

test('counts are those of now, and looked up once while nothing is written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'surprisal-counts-'));
  try {
    const db = new Database(join(folder, 'a.db'));
    const other = new Database(join(folder, 'a.db'));
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE alert (number INTEGER PRIMARY KEY, is_viewed INTEGER)');
    let looked = 0;
    const rows = db.prepare<[], number>('SELECT count(*) FROM alert').pluck();
    const counts = countsAsked(db, () => {
      looked++;
      return { open: rows.get() ?? 0, mine: 0, decided: 0, folded: 0, muted: 0 };
    });
    const open = (): number => counts.of(0, 'me').open;
    expect([open(), open(), looked]).toEqual([0, 0, 1]);
    db.exec('INSERT INTO alert (number) VALUES (1)');
    expect([open(), open(), looked]).toEqual([1, 1, 2]);
    other.exec('INSERT INTO alert (number) VALUES (2)');
    expect([open(), looked]).toEqual([2, 3]);
    // Of other thresholds and other analysts, each by itself.
    counts.of(1, 'me');
    counts.of(0, 'you');
    expect([open(), looked]).toEqual([2, 5]);
    counts.unchangedBy(() => db.exec('UPDATE alert SET is_viewed = 1'));
    expect([open(), looked]).toEqual([2, 5]);
    const doomed = db.transaction(() => {
      db.exec('INSERT INTO alert (number) VALUES (3)');
      expect(open()).toBe(3);
      throw new Error('taken back');
    });
    expect(doomed).toThrow('taken back');
    expect(open()).toBe(2);
    other.exec('INSERT INTO alert (number) VALUES (4)');
    counts.unchangedBy(() => db.exec('UPDATE alert SET is_viewed = 0'));
    expect(open()).toBe(3);
    other.close();
    db.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
