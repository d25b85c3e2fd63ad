/** @file `--sequences` on files as they come: one row a session whatever the line is, and a model of lines is no model of sequences. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/shared/errors.ts';
import { openApp, type TestApp } from '../helpers/app.ts';
import { jsonLines, runInApp, runMain, type Outcome } from '../helpers/cli.ts';
import { fileFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';

type Row = { line: number; score: number | null; p: number | null; alert: boolean; template: string | null };

let folder: string;
let workspace: string;
/** Open on a copy of the workspace. */
let test: TestApp;
let output: string;

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const scored = (path: string): Promise<Outcome> =>
  runInApp(test.app, 'score', '--workspace', 'open', '--input', path, '--output', output, '--sequences');
const rowsOf = async (path: string): Promise<Row[]> => {
  const outcome = await scored(path);
  const rows = jsonLines(readFileSync(output, 'utf8')) as Row[];
  const sessions = rows.filter(({ score }) => score !== null);
  expect(outcome.json()).toMatchObject([{ sessions: sessions.length, output }]);
  for (const row of sessions) {
    const detector = row.alert ? ['detector'] : [];
    expect(Object.keys(row)).toEqual(['line', 'score', 'p', 'alert', ...detector, 'template', 'session']);
    expect(row.p).toBeGreaterThan(0);
    expect(row.p).toBeLessThanOrEqual(1);
    expect(Number.isFinite(row.score)).toBe(true);
  }
  const ranked = sessions.toSorted((a, b) => (a.score ?? 0) - (b.score ?? 0)).map(({ p }) => p);
  expect(ranked).toEqual(ranked.toSorted((a, b) => (b ?? 0) - (a ?? 0)));
  return rows;
};

beforeAll(async () => {
  folder = fileFolder();
  workspace = join(folder, 'workspace');
  output = join(folder, 'rows.jsonl');
  const normal = file(
    'normal',
    Array.from({ length: 300 }, (_line, index) => ['5 5 22 9 11', '22 5 5 9 11 9 11', '5 22 5 11 9'][index % 3]).join(
      '\n',
    ),
  );
  expect(
    (await runMain('learn', '--workspace', workspace, '--input', normal, '--sequences', '--budget', '1000/100k'))
      .status,
  ).toBe(0);
  const copy = join(folder, 'copy');
  await cp(workspace, copy, { recursive: true });
  test = await openApp(copy);
});
afterAll(async () => test.close());

describe('rows of sessions', () => {
  it('are one a line, in order; lines without an id say so', async () => {
    const rows = await rowsOf(file('blank', '5 5 22 9 11 \r\n\r\n  \n9 9 9 9\n5 22 5 11 9'));
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
    expect(rows.filter(({ score }) => score === null).map(({ line }) => line)).toEqual([2, 3]);
    expect(rows[3]?.p).toBeLessThan(rows[0]?.p ?? 0);
    expect(rows[3]?.p).toBeLessThan(rows[4]?.p ?? 0);
  });

  it('of a table are those of its first column; the labels are never read', async () => {
    const figures = (rows: Row[]): unknown => rows.map(({ score, p, alert }) => ({ score, p, alert }));
    const table = await rowsOf(
      file('t.csv', 'Sequence,label\r\n"5 5 22 9 11",0\r\n9 9 9 9,1\r\n,0\r\n5 22 5 11 9,0\r\n'),
    );
    const plain = await rowsOf(file('plain', '5 5 22 9 11\n9 9 9 9\n\n5 22 5 11 9\n'));
    expect(figures(table)).toEqual(figures(plain));
  });

  it('of one id, of ids never seen, of ids that are words, and of a session far longer than the context', async () => {
    const long = `${'5 5 22 9 11 '.repeat(400)}99`;
    const rows = await rowsOf(file('odd', `5\n404 405\nlogin <SEP> logout\n${long}\n5 5 22 9 11\n`));
    expect(rows).toHaveLength(5);
    const usual = rows[4]?.p ?? 0;
    for (const row of rows.slice(0, 4)) expect(row.p).toBeLessThan(usual);
  });

  it('that alert are explained at the id that surprised, not at one like it', async () => {
    await rowsOf(file('again', '5 5 22 9 11 9 9 9 9\n22 5 5 9 11 9 11 5 5 5\n5 22 5 11 9 22 22 5\n'));
    const all = (await test.ask('alerts.list', { tab: 'open' })).rows;
    const rows = all.filter(({ sourceName }) => sourceName === 'again');
    expect(rows.length).toBeGreaterThan(0);
    for (const { id, bits, reason } of rows) {
      const { session } = await test.ask('alerts.get', { alertId: id });
      const [culprit, ...more] = session.events.filter(({ isCulprit }) => isCulprit);
      expect(more).toEqual([]);
      expect(culprit?.bits).toBe(bits);
      expect(culprit?.eventId === null).toBe(reason === 'end');
      const others = session.events.filter(({ isCulprit }) => !isCulprit).map((event) => event.bits);
      expect(Math.max(...others)).toBeLessThan(bits + 1e-3);
      expect(others.filter((one) => Math.abs(one - bits) < 1e-4)).toEqual([]);
    }
  });

  // Bug: which session of a file an alert is in the store does not know; learned again, an attack in it was normal.
  it('that alert are left out, each as a whole, where their file is learned from', async () => {
    const attack = '5 99 98 22';
    const lines = Array.from({ length: 300 }, (_line, index) =>
      index % 10 === 4 ? attack : (['5 5 22 9 11', '22 5 5 9 11 9 11', '5 22 5 11 9'][index % 3] ?? ''),
    );
    const watched = file('watched', lines.join('\n'));
    const alerting = (await rowsOf(watched)).flatMap(({ line, alert }) => (alert ? [line] : []));
    expect(alerting).toEqual(lines.flatMap((line, index) => (line === attack ? [index + 1] : [])));
    const own = join(folder, 'learned-again');
    await test.close();
    await cp(join(folder, 'copy'), own, { recursive: true });
    const input = ['--workspace', own, '--input', watched, '--sequences', '--budget', '1000/100k'];
    const outcome = await runMain('learn', ...input);
    test = await openApp(own);
    expect(outcome.json()).toMatchObject([{ leftOut: { lines: 30, undecided: 30, threats: 0 } }]);
    const later = await rowsOf(file('later', `${attack}\n5 5 22 9 11\n`));
    expect(later.map(({ alert }) => alert)).toEqual([true, false]);
    await test.close();
    test = await openApp(join(folder, 'copy'));
  });

  it('of a gzip file are those of the file in it', async () => {
    const text = '5 5 22 9 11\n9 9 9 9\n';
    expect(await rowsOf(file('s.gz', gzipSync(text)))).toEqual(await rowsOf(file('s', text)));
  });

  it('of nothing but blank lines are none with a score', async () => {
    expect((await rowsOf(file('blanks', '\n\n \n'))).map(({ score }) => score)).toEqual([null, null, null]);
  });
});

describe('what is no file of sessions', () => {
  it('is said, and is in nobody’s way: nothing, a picture, a missing file, a broken archive', async () => {
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const cut = gzipSync('5 5 22 9 11\n'.repeat(5000)).subarray(0, 40);
    for (const path of [file('empty', ''), file('p.png', png), join(folder, 'nowhere'), file('cut.gz', cut)]) {
      await expect(scored(path)).rejects.toBeInstanceOf(AppError);
    }
    expect(await rowsOf(file('after', '5 5 22 9 11\n'))).toHaveLength(1);
  });

  it('is not scored by a model of the other kind', async () => {
    const path = file('either', '5 5 22 9 11\n');
    const lines = await runMain('score', '--workspace', workspace, '--input', path, '--output', output);
    expect(lines).toMatchObject({ status: 3, stdout: '' });
    expect(lines.stderr).toMatch(/learned sequences/);
    const office = await (await learnOffice()).copy();
    const other = await runMain('score', '--workspace', office, '--input', path, '--output', output, '--sequences');
    expect(other).toMatchObject({ status: 3, stdout: '' });
    expect(other.stderr).toMatch(/learned lines/);
  });
});
