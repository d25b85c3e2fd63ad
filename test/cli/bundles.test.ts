/** @file Cases and bundles by commands. Catches a word that does something else than the app does, a damaged bundle with status 0, and one that is read in in part. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runMain, type Outcome } from '../helpers/cli.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';

let workspace: string;
let ids: string[];

const within = (directory: string, words: string, ...more: string[]): Promise<Outcome> =>
  runMain(...words.split(' '), '--workspace', directory, ...more);
const run = (words: string, ...more: string[]): Promise<Outcome> => within(workspace, words, ...more);

beforeAll(async () => {
  const learned = await learnOffice();
  workspace = await learned.copy(join(fileFolder(), 'workspace'));
  await run('score', '--input', learned.watched.path, '--output', join(fileFolder(), 'rows.jsonl'));
  ids = (await run('alerts')).json().map(({ id }) => String(id));
});

describe('case', () => {
  it('is made from a query, listed, shown, changed, written to and closed', async () => {
    const [{ case: id } = { case: '' }] = (await run('case create', '--title', 'Beacons', '--query', 'beacon')).json();
    const found = (await run('alerts', '--query', 'beacon')).json();
    expect(found.length).toBeGreaterThan(0);
    const shown = async () => (await run('case show', '--case', String(id))).json()[0] as Record<string, unknown>;
    expect((await shown())['alerts']).toHaveLength(found.length);
    const fields = ['--severity', 'high', '--owner', 'm.roth', '--tags', 'a, b,a', '--due', '2026-12-01T10:00Z'];
    const changed = (await run('case set', '--case', 'C-1', '--state', 'in_progress', ...fields)).json();
    const dueAt = Date.UTC(2026, 11, 1, 10);
    expect(changed).toMatchObject([{ state: 'in_progress', ownSeverity: 4, owner: 'm.roth', tags: ['a', 'b'], dueAt }]);
    await run('case set', '--case', '1', '--owner', '', '--due', '');
    await run('case note', '--case', 'C-1', '--note', 'Seen.');
    const closed = (await run('case close', '--case', 'C-1', '--as', 'true_positive')).json();
    expect(closed).toMatchObject([{ id, state: 'closed', closing: 'true_positive', owner: null, dueAt: null }]);
    expect((await shown())['notes']).toMatchObject([{ text: 'Seen.' }]);
    expect((await run('case list')).json()).toMatchObject([{ id, title: 'Beacons' }]);
  });

  it('takes alerts, and gives them to another', async () => {
    const made = await run('case', '--title', 'One', '--alerts', ids[0] ?? '');
    const [{ case: one } = { case: '' }] = made.json();
    const [{ case: two } = { case: '' }] = (await run('case', '--title', 'Two', '--alerts', ids[1] ?? '')).json();
    const added = await run('case add', '--case', String(one), '--alerts', ids.slice(1, 3).join(','));
    expect(added.json()).toMatchObject([{ alertCount: 3 }]);
    const moved = await run('case move', '--case', String(one), '--into', String(two), '--alerts', ids[2] ?? '');
    expect(moved.json()).toMatchObject([{ id: two, alertCount: 2 }]);
    const absent = await run('case move', '--case', String(one), '--into', String(two), '--alerts', ids[2] ?? '');
    expect(absent).toMatchObject({ status: 3, stdout: '' });
    expect(absent.stderr).toContain('Nothing was changed');
  });

  it.each<[string, number, RegExp]>([
    ['case dance', 2, /case is followed by create, list/],
    ['case show --case C-999', 3, /no case C-999/],
    ['case set --case C-1', 2, /at least one of/],
    ['case set --case C-1 --due soon', 2, /--due takes/],
    ['case set --case C-1 --severity awful', 2, /--severity is info/],
    ['case create --title t --query zzzzzz', 3, /No alert is found by "zzzzzz"/],
    ['case create --title t --query a --alerts open', 2, /not both/],
    ['case close --case C-1 --as done', 2, /--as is true_positive/],
    ['bundle', 2, /bundle is followed by export, import or verify/],
    ['bundle export --case C-1', 2, /needs --output/],
  ])('"%s" is refused with %i', async (words, status, says) => {
    const outcome = await runMain(...words.split(' '), '--workspace', workspace);
    expect(outcome).toMatchObject({ status, stdout: '' });
    expect(outcome.stderr.split('\n')[0]).toMatch(says);
  });
});

describe('bundle', () => {
  it('goes out, is verified without a workspace, comes in once, and a changed one names the place', async () => {
    const path = join(testFolder(), 'case.surprisal.zip');
    await run('case', '--title', 'Out', '--alerts', ids.slice(0, 2).join(','));
    const [last] = (await run('case list')).json();
    const exported = await run('bundle export', '--case', String(last?.['id']), '--output', path);
    expect(exported.json()).toMatchObject([{ output: path, alerts: 2, attachments: 0, missing: [] }]);
    const verified = await runMain('bundle', 'verify', '--input', path);
    expect(verified.json()).toMatchObject([
      { caseId: last?.['id'], title: 'Out', alerts: 2, chains: [{ isIntact: true }] },
    ]);

    const into = join(testFolder(), 'into');
    const imported = await within(into, 'bundle import', '--input', path);
    expect(imported.json()).toMatchObject([{ id: last?.['id'], title: 'Out', alertCount: 2, number: 1 }]);
    // The hash that two people compare is told on all three occasions.
    const hashes = [exported, verified, imported].map((told) => told.json()[0]?.['manifestSha256']);
    expect(hashes).toEqual(Array(3).fill(expect.stringMatching(/^[0-9a-f]{64}$/)));
    expect(new Set(hashes).size).toBe(1);
    const report = join(testFolder(), 'out.html');
    expect((await within(into, 'report', '--case', 'C-1', '--format', 'html', '--output', report)).status).toBe(0);
    expect(readFileSync(report, 'utf8')).toContain('It came as a bundle');
    expect((await within(into, 'verify-audit')).status).toBe(0);
    const twice = await within(into, 'bundle import', '--input', path);
    expect(twice).toMatchObject({ status: 3, stdout: '' });
    expect(twice.stderr).toContain('is here already: C-1');

    const bytes = readFileSync(path);
    const at = bytes.indexOf('audit.jsonl') + 40;
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    writeFileSync(path, bytes);
    for (const words of ['bundle verify', 'bundle import']) {
      const args = words === 'bundle import' ? ['--workspace', join(testFolder(), 'new')] : [];
      const damaged = await runMain(...words.split(' '), '--input', path, ...args);
      expect(args.slice(1).filter((directory) => existsSync(directory))).toEqual([]);
      expect(damaged).toMatchObject({ status: 3, stdout: '' });
      expect(damaged.stderr).toMatch(/audit\.jsonl/);
    }
  });
});
