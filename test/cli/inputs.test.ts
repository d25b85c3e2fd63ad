/** @file `score` on files as they come: one row per line whatever the line is, and a sentence with status 3 for what is no log. */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type TestApp } from '../helpers/app.ts';
import { jsonLines, runInApp, runMain } from '../helpers/cli.ts';
import { fileFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

type Row = {
  line: number;
  score: number | null;
  p: number | null;
  alert: boolean;
  template: string | null;
  session: string | null;
  reason?: string;
};

let learned: Learned;
let folder: string;
/** Open for the rows; what ends with a status opens the other workspace itself. */
let test: TestApp;
let workspace: string;

beforeAll(async () => {
  learned = await learnOffice();
  folder = fileFolder();
  workspace = await learned.copy(join(folder, 'workspace'));
  test = await openApp(await learned.copy(join(folder, 'open')));
});
afterAll(async () => test.close());

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** Rows of a file that must be scored, checked for what holds for every file. Every line is an event unless their number is given. */
async function rowsOf(path: string, events?: number): Promise<Row[]> {
  const output = join(folder, 'out.jsonl');
  const outcome = await runInApp(test.app, 'score', '--workspace', 'open', '--input', path, '--output', output);
  expect(outcome.stderr).not.toMatch(/Error|at .*\.ts/);
  const text = readFileSync(output, 'utf8');
  const rows = jsonLines(text) as Row[];
  expect(text).toBe(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  expect(rows.map(({ line }) => line)).toEqual(rows.map((_row, index) => index + 1));
  for (const row of rows) {
    const keys = ['line', 'score', 'p', 'alert', 'template', 'session'];
    const alertKeys = ['line', 'score', 'p', 'alert', 'detector', 'template', 'session'];
    if (row.score === null) {
      expect(row).toEqual({
        ...{ line: row.line, score: null, p: null, alert: false, template: null, session: null },
        reason: 'blank line',
      });
      continue;
    }
    expect(Object.keys(row)).toEqual(row.alert ? alertKeys : keys);
    expect(row.score).toBeGreaterThanOrEqual(0);
    expect(row.p).toBeGreaterThan(0);
    expect(row.p).toBeLessThanOrEqual(1);
    expect(typeof row.alert).toBe('boolean');
    expect(typeof row.template).toBe('string');
    expect(row.session).toMatch(/#\d+$/);
  }
  expect(outcome.json()).toEqual([
    {
      lines: rows.length,
      events: events ?? rows.filter(({ score }) => score !== null).length,
      alerts: expect.any(Number),
      preset: { kind: 'budget' },
      share: expect.objectContaining({ asked: 1000 }),
      alertLines: rows.filter(({ alert }) => alert).length,
      output,
    },
  ]);
  return rows;
}

const blanks = (rows: Row[]): number[] => rows.filter(({ score }) => score === null).map(({ line }) => line);

describe('events of several lines', () => {
  const figuresOf = ({ score, p, alert, template, session }: Row): unknown => ({ score, p, alert, template, session });

  it('give each of their lines their figures, and blank lines none', async () => {
    const stamp = (second: number): string => `2024-03-04 09:07:0${second},250`;
    const lines = [
      `${stamp(1)} ERROR [main] a.B - failed`,
      'java.io.IOException: disk',
      '\tat a.B.c(B.java:7)',
      '',
      `${stamp(2)} INFO  [main] a.B - going on`,
    ];
    const rows = await rowsOf(file('trace.log', lines.join('\n')), 2);
    expect(rows).toHaveLength(5);
    expect(rows.slice(1, 3).map(figuresOf)).toEqual([0, 1].map(() => figuresOf(rows[0] as Row)));
    expect(rows[0]?.template).toMatch(/^a\.B: failed/);
    expect([rows[3]?.score, rows[4]?.template]).toEqual([null, 'a.B: going on']);
  });

  it('do so where their lines are mixed with those of others, and are one row of the log', async () => {
    const record = (serial: number, type: string, rest: string): string =>
      `type=${type} msg=audit(1709543251.250:${serial}): ${rest}`;
    const lines = [
      record(7, 'SYSCALL', 'pid=1 exe="/bin/cat"'),
      record(8, 'SYSCALL', 'pid=2 exe="/bin/id" success=no'),
      record(7, 'EXECVE', 'a0="cat"'),
      record(8, 'PROCTITLE', 'proctitle="id"'),
      record(7, 'EOE', ''),
    ];
    const rows = await rowsOf(file('mixed-audit.log', lines.join('\n')), 2);
    const [cat, id] = [figuresOf(rows[0] as Row), figuresOf(rows[1] as Row)];
    expect(rows.map(figuresOf)).toEqual([cat, id, cat, id, cat]);
    expect(rows[0]?.template).toMatch(/^\/bin\/cat SYSCALL: /);
    const source = (await test.ask('sources.list', {})).find(({ name }) => name === 'mixed-audit.log');
    expect(source).toMatchObject({ format: 'auditd', lineCount: 5, eventCount: 2 });
    const sourceId = source?.id ?? 0;
    const shown = await test.ask('logs.rows', { sourceId, firstRow: 0, limit: 10 });
    expect(shown.map(({ lineNumber, raw }) => [lineNumber, raw.split('\n').length])).toEqual([
      [1, 3],
      [2, 2],
    ]);
    expect(await test.ask('logs.row_of', { sourceId, lineNumber: 2 })).toEqual({ row: 1 });
  });
});

describe('rows', () => {
  it('of a whole log: what alerts has smaller p-values than what does not', async () => {
    const rows = await rowsOf(learned.watched.path);
    expect(rows).toHaveLength(learned.watched.lines.length);
    expect(new Set(rows.map(({ session }) => session)).size).toBeGreaterThan(100);
    const alerting = rows.filter(({ alert }) => alert).map(({ p }) => p ?? 1);
    const quiet = rows.filter(({ alert }) => !alert).map(({ p }) => p ?? 1);
    expect(Math.max(...alerting)).toBeLessThan(Math.min(...quiet));
  });

  it('of blank lines, spaces, CRLF and no final newline', async () => {
    const lines = learned.watched.lines.slice(0, 3);
    expect(blanks(await rowsOf(file('blank.log', `\n${lines[0]}\n\n  \t \n${lines[1]}\n\n`)))).toEqual([1, 3, 4, 6]);
    const crlf = await rowsOf(file('crlf.log', lines.join('\r\n')));
    expect(crlf).toHaveLength(3);
    expect(blanks(crlf)).toEqual([]);
    expect(crlf.every(({ template }) => !template?.includes('\r'))).toBe(true);
  });

  it('of nothing, and of nothing but blank lines', async () => {
    expect(await rowsOf(file('empty.log', ''))).toEqual([]);
    expect(blanks(await rowsOf(file('blanks.log', '\n \n\n')))).toEqual([1, 2, 3]);
    expect(await rowsOf(file('newline.log', '\n'))).toHaveLength(1);
  });

  it('of bytes that are no text: bad UTF-8, NUL, controls, lone surrogates, a byte order mark', async () => {
    const bad = Buffer.concat([
      Buffer.from('\ufeffSep  7 00:00:01 gw1 sshd[1]: first\n'),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a]),
      Buffer.from('Sep  7 00:00:01 gw1 sshd[1]: nul \u0000 in it\n'),
      Buffer.from([0xed, 0xa0, 0x80, 0x0a]),
      Buffer.from('\u001b[31mred\u001b[0m \u202egnp.exe\n'),
      Buffer.from('\u0000\u0000\n'),
    ]);
    expect(await rowsOf(file('bad.log', bad))).toHaveLength(6);
  });

  it('of a line of a megabyte, and of many words', async () => {
    const rows = await rowsOf(file('long.log', `short\n${'x'.repeat(1 << 20)}\n${'word '.repeat(200_000)}\nshort`));
    expect(rows).toHaveLength(4);
    expect(rows.every(({ template }) => (template?.length ?? 0) < 100_000)).toBe(true);
  });

  it('of a gzip file are those of the log in it', async () => {
    const text = learned.watched.lines.slice(0, 200).join('\n');
    const packed = await rowsOf(file('packed.log.gz', gzipSync(text)));
    const plain = await rowsOf(file('plain.log', text));
    const figures = (rows: Row[]): unknown =>
      rows.map(({ line, score, p, template }) => ({ line, score, p, template }));
    expect(figures(packed)).toEqual(figures(plain));
  });

  it('of the same bytes under another name and through a link are those of the first', async () => {
    const path = file('first.log', learned.watched.lines.slice(5, 50).join('\n'));
    const first = await rowsOf(path);
    copyFileSync(path, join(folder, 'second.log'));
    symlinkSync(path, join(folder, 'link.log'));
    expect(await rowsOf(join(folder, 'second.log'))).toEqual(first);
    expect(await rowsOf(join(folder, 'link.log'))).toEqual(first);
  });
});

describe('what is no log', () => {
  const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
  it.each<[what: string, path: () => string, says: RegExp]>([
    ['a picture', () => file('p.png', png), /is a PNG image, not a log/],
    ['a folder', () => folder, /is a folder/],
    ['a missing file', () => join(folder, 'nowhere.log'), /There is no file .*nowhere\.log/],
    ['a device', () => '/dev/null', /device/],
    ['no name at all', () => '', /There is no file/],
    [
      'random bytes',
      () =>
        file(
          'random',
          Uint8Array.from({ length: 4000 }, (_b, i) => (i * 7919) % 256),
        ),
      /binary/,
    ],
  ])('%s: status 3, one sentence, no output file', async (_what, path, says) => {
    const output = join(folder, 'none.jsonl');
    const outcome = await runMain('score', '--workspace', workspace, '--input', path(), '--output', output);
    expect(outcome).toMatchObject({ status: 3, stdout: '' });
    expect(outcome.stderr.trim().split('\n').at(-1)).toMatch(says);
    expect(() => readFileSync(output)).toThrow();
  });

  it('a truncated gzip file: status 3, and it says that the file is damaged', async () => {
    const path = file('cut.log.gz', gzipSync(learned.watched.lines.join('\n')));
    truncateSync(path, 3000);
    const output = join(folder, 'cut.jsonl');
    const outcome = await runMain('score', '--workspace', workspace, '--input', path, '--output', output);
    expect(outcome).toMatchObject({ status: 3, stdout: '' });
    expect(outcome.stderr).toMatch(/cut\.log\.gz.*(damaged|incomplete|ends|cut)/i);
  });

  it('an output that cannot be written: status 3 before the log is even read', async () => {
    const path = file('unread.log', 'a line that nobody has read before\n');
    mkdirSync(join(folder, 'a-folder'));
    for (const output of [join(folder, 'a-folder'), join(folder, 'no', 'where.jsonl')]) {
      const outcome = await runMain('score', '--workspace', workspace, '--input', path, '--output', output);
      expect(outcome).toMatchObject({ status: 3, stdout: '' });
      expect(outcome.stderr).toMatch(/^The output cannot be written/);
    }
  });
});
