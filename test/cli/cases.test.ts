/** @file From a learned log to a report by commands: alerts, case, report, and what they say to ids that are not there. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runMain, type Outcome } from '../helpers/cli.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { learnOffice, type Learned } from '../helpers/learned.ts';

let learned: Learned;
let folder: string;
let workspace: string;

beforeAll(async () => {
  learned = await learnOffice();
  folder = fileFolder();
  workspace = join(folder, 'workspace');
  await learned.copy(workspace);
  await score(workspace);
});

const run = (command: string, ...more: string[]): Promise<Outcome> =>
  runMain(command, '--workspace', workspace, ...more);
const score = async (directory: string): Promise<void> => {
  const output = join(folder, 'rows.jsonl');
  const { status } = await runMain(
    'score',
    '--workspace',
    directory,
    '--input',
    learned.watched.path,
    '--output',
    output,
  );
  expect(status).toBe(0);
};
type Alert = { id: string; number: number; state: string; template: string; score: number; bits: number };
const alerts = async (): Promise<Alert[]> => (await run('alerts')).json() as Alert[];

describe('alerts', () => {
  it('are one object each, most severe first, as many as score said', async () => {
    const rows = await alerts();
    expect(rows.length).toBeGreaterThan(4);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(rows.map((row) => row.state)).toEqual(rows.map(() => 'open'));
    const alerting = jsonLines(readFileSync(join(folder, 'rows.jsonl'), 'utf8')).filter((row) => row['alert']);
    for (const { bits } of rows) expect(alerting.map((row) => row['score'])).toContain(bits);
  });

  it('keep their ids when the same file is scored again', async () => {
    const before = await alerts();
    await score(workspace);
    const after = await alerts();
    expect(after).toEqual(before.map((row) => ({ ...row, raisedAt: expect.any(Number) as number })));
  });
});

describe('label', () => {
  it('gives a verdict as the queue does, and says what it folded', async () => {
    const directory = await learned.copy(join(testFolder(), 'labelled'));
    await score(directory);
    const within = (command: string, ...more: string[]) => runMain(command, '--workspace', directory, ...more);
    const [first] = (await within('alerts')).json() as Alert[];
    const given = await within('label', '--alert', first?.id ?? '', '--verdict', 'false_positive_logic');
    expect(given.status).toBe(0);
    expect(given.json()).toMatchObject([{ alert: first?.id, verdict: 'false_positive_logic' }]);
    const after = (await within('alerts', '--query', 'state:decided')).json() as Alert[];
    expect(after.map(({ id }) => id)).toEqual([first?.id]);
  });

  it('takes an alert by its number, as the app shows it', async () => {
    const directory = await learned.copy(join(testFolder(), 'numbered'));
    await score(directory);
    const within = (command: string, ...more: string[]) => runMain(command, '--workspace', directory, ...more);
    const [first, second, third] = (await within('alerts')).json() as Alert[];
    for (const [alert, called] of [
      [first, `A-${first?.number}`],
      [second, String(second?.number)],
    ] as const) {
      const given = await within('label', '--alert', called, '--verdict', 'undetermined');
      expect(given.json()).toMatchObject([{ alert: alert?.id, verdict: 'undetermined' }]);
    }
    const made = await within('case', '--title', 'One', '--alerts', `a-${third?.number}`);
    const [{ case: id } = { case: '' }] = made.json();
    const [shown] = (await within('case show', '--case', String(id))).json() as { alerts: { id: string }[] }[];
    expect(shown?.alerts.map((alert) => alert.id)).toEqual([third?.id]);
    const gone = await within('label', '--alert', 'A-999999', '--verdict', 'undetermined');
    expect([gone.status, gone.stdout]).toEqual([3, '']);
    expect(gone.stderr).toContain('There is no alert A-999999.');
  });

  it('of an alert that is not there, or with a word that is no verdict, gives none', async () => {
    const gone = await run('label', '--alert', 'nothing', '--verdict', 'undetermined');
    expect([gone.status, gone.stdout]).toEqual([3, '']);
    expect(gone.stderr).toContain('There is no alert nothing.');
    const odd = await run('label', '--alert', 'nothing', '--verdict', 'bad');
    expect(odd.status).toBe(2);
    expect(odd.stderr).toContain('--verdict is true_positive, ');
  });
});

describe('case and report', () => {
  it('of what is open holds every open alert, and the reports have them all', async () => {
    const rows = await alerts();
    const created = await run('case', '--title', ' All of it ', '--alerts', 'open');
    const [{ case: id } = { case: '' }] = created.json();
    expect(created.json()).toEqual([{ case: expect.stringMatching(/^[0-9a-f-]{36}$/) as string }]);
    for (const format of ['html', 'csv', 'markdown', 'json']) {
      const output = join(folder, `case.${format}`);
      const outcome = await run('report', '--case', String(id), '--format', format, '--output', output);
      const text = readFileSync(output);
      expect(outcome.json()).toEqual([{ output, bytes: text.length }]);
      // Markdown escapes the dash.
      const shown = format === 'json' ? (at: number) => `"number": ${at},` : (at: number) => `\\bA\\\\?-${at}\\b`;
      for (const { number } of rows) expect(text.toString()).toMatch(new RegExp(shown(number)));
      expect(text.toString()).toContain('All of it');
    }
    expect(readFileSync(join(folder, 'case.csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(rows.length + 1);
    expect(readFileSync(join(folder, 'case.html'), 'utf8')).not.toMatch(/<script|src="http|href="http/);
  });

  it('of named alerts holds those and no others; a name given twice counts once', async () => {
    const [one, two, three] = await alerts();
    const ids = `${one?.id}, ${two?.id},${one?.id}`;
    const [{ case: id } = { case: '' }] = (await run('case', '--title', 'Two', '--alerts', ids)).json();
    const output = join(folder, 'two.csv');
    await run('report', '--case', String(id), '--format', 'csv', '--output', output);
    const text = readFileSync(output, 'utf8');
    expect(text.trimEnd().split('\r\n')).toHaveLength(3);
    expect(text).toContain(`"A-${two?.number}"`);
    expect(text).not.toContain(`"A-${three?.number}"`);
  });

  it('of an id that is not there: status 3, and no case is made of the others', async () => {
    const [one] = await alerts();
    const outcome = await run('case', '--title', 'None', '--alerts', `${one?.id},nope`);
    expect(outcome).toMatchObject({ status: 3, stdout: '' });
    expect(outcome.stderr).toMatch(/no alert nope/);
    for (const format of ['html', 'csv', 'markdown', 'json']) {
      const output = join(folder, 'none');
      const missing = await run('report', '--case', 'nope', '--format', format, '--output', output);
      expect(missing).toMatchObject({ status: 3, stdout: '' });
      expect(() => readFileSync(output)).toThrow();
    }
  });

  it('that cannot be written: status 3 with the reason', async () => {
    const [{ case: id } = { case: '' }] = (await run('case', '--title', 'Case', '--alerts', 'open')).json();
    const output = join(folder, 'taken');
    mkdirSync(output);
    const outcome = await run('report', '--case', String(id), '--format', 'html', '--output', output);
    expect(outcome).toMatchObject({ status: 3, stdout: '' });
    expect(outcome.stderr).toMatch(/report cannot be written/);
  });
});

describe('before there is anything', () => {
  it('a log too short to learn from is said so, and then there is no model to score with', async () => {
    const directory = join(testFolder(), 'workspace');
    const short = join(folder, 'short.log');
    writeFileSync(short, learned.quiet.lines.slice(0, 39).join('\n'));
    const none = await runMain('learn', '--workspace', directory, '--input', short);
    expect(none).toMatchObject({ status: 3, stdout: '' });
    expect(none.stderr).toMatch(/only 39 events to learn from/);
    const output = join(folder, 'unscored.jsonl');
    const scored = await runMain('score', '--workspace', directory, '--input', short, '--output', output);
    expect(scored).toMatchObject({ status: 3, stdout: '' });
    expect(scored.stderr).toMatch(/No model is in use yet/);
    expect(() => readFileSync(output)).toThrow();
    const empty = await runMain('case', '--workspace', directory, '--title', 'None', '--alerts', 'open');
    expect(empty).toMatchObject({ status: 3, stdout: '' });
    expect(empty.stderr).toMatch(/No alert is open/);
    expect(await runMain('alerts', '--workspace', directory)).toMatchObject({ status: 0, stdout: '' });
  });
});
