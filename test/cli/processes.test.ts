/** @file What only a process of its own shows: its streams, its exit status, signals, and the workspace that one process holds. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openApp } from '../helpers/app.ts';
import { runCli, runMain, startCli } from '../helpers/cli.ts';
import { fileFolder, testFolder } from '../helpers/folders.ts';
import { learnOffice } from '../helpers/learned.ts';
import { quietOffice, writeOffice } from '../helpers/office.ts';

let folder: string;
let quiet: string;

beforeAll(() => {
  folder = fileFolder();
  quiet = writeOffice(join(folder, 'quiet.log'), { ...quietOffice, lines: 600 }).path;
});

describe('streams', () => {
  it('learn: one JSON object on stdout, progress on stderr alone, and score after it the same', async () => {
    const workspace = join(folder, 'workspace');
    const learned = await runCli(
      'learn',
      '--workspace',
      workspace,
      '--input',
      quiet,
      '--budget',
      '1000/100k',
      '--seed',
      '3',
    );
    expect(learned.status).toBe(0);
    expect(learned.stderr).toMatch(/quiet\.log, training, epoch 1 of at most \d+/);
    expect(learned.stdout.endsWith('\n')).toBe(true);
    const [card, ...more] = learned.json();
    expect(more).toEqual([]);
    expect(card).toMatchObject({ number: 1, keys: 'lines', learnedFrom: 'quiet.log', lineCount: 600, seed: 3 });
    expect(card?.['threshold']).toMatchObject({ version: 1, meaning: expect.stringMatching(/false alerts/) as string });

    // A budget is kept with what was learned under it, and not when nothing was.
    const failed = await runMain('learn', '--workspace', workspace, '--input', 'nowhere', '--budget', '7/day');
    expect(failed.status).toBe(3);
    const test = await openApp(workspace);
    const kept = await test.app.parts.services.store.call('get_setting', { key: 'budget' });
    await test.close();
    expect(kept).toEqual({ alerts: 1000, per: '100k' });

    const output = join(folder, 'rows.jsonl');
    const scored = await runCli('score', '--workspace', workspace, '--input', quiet, '--output', output);
    expect(scored.status).toBe(0);
    expect(scored.json()).toMatchObject([{ lines: 600, events: 600, output }]);
    expect(scored.stderr).toMatch(/quiet\.log, /);
    expect(scored.stderr).not.toMatch(/Warning|Error/);
  });

  it('that nobody reads to the end are no failure: alerts | head -1', async () => {
    const learned = await learnOffice();
    const workspace = await learned.copy();
    const output = join(folder, 'watched.jsonl');
    await runMain('score', '--workspace', workspace, '--input', learned.watched.path, '--output', output);
    expect((await runMain('alerts', '--workspace', workspace)).json().length).toBeGreaterThan(4);
    const unread = startCli(['alerts', '--workspace', workspace]);
    unread.stdout?.destroy();
    let stderr = '';
    unread.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
    const [status] = (await once(unread, 'close')) as [number];
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('a workspace', () => {
  it('that another process holds is named, with status 3', async () => {
    const workspace = join(testFolder(), 'held');
    const holder = await openApp(workspace);
    const outcome = await runCli('alerts', '--workspace', workspace);
    await holder.close();
    expect(outcome).toMatchObject({ status: 3, stdout: '' });
    expect(outcome.stderr).toContain(workspace);
    expect(outcome.stderr).toMatch(/another Surprisal/);
    expect((await runCli('alerts', '--workspace', workspace)).status).toBe(0);
  });

  it('that cannot be made is named, with status 3', async () => {
    const path = join(testFolder(), 'file');
    writeFileSync(path, '');
    const outcome = await runCli('learn', '--workspace', join(path, 'workspace'), '--input', quiet);
    expect(outcome).toMatchObject({ status: 3, stdout: '' });
    expect(outcome.stderr).toContain(path);
  });
});

describe('signals', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s while learning ends with 130; other commands leave it, and the same command goes on with it',
    async (signal) => {
      const workspace = join(testFolder(), 'workspace');
      const words = ['learn', '--workspace', workspace, '--input', quiet];
      const child = startCli(words);
      let stdout = '';
      child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('training')) child.kill(signal);
      });
      const [status] = (await once(child, 'close')) as [number];
      expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
      expect(await runMain('alerts', '--workspace', workspace)).toMatchObject({ status: 0, stdout: '' });
      const again = await runMain(...words);
      expect(again).toMatchObject({ status: 0 });
      expect(again.json()).toMatchObject([{ number: 1 }]);
      const test = await openApp(workspace);
      expect((await test.ask('models.list', {})).map(({ state }) => state)).toEqual(['in_use']);
      expect((await test.ask('sources.list', {})).map(({ state }) => state)).toEqual(['ready']);
      expect(await test.ask('jobs.list', {})).toEqual([]);
      await test.close();
    },
  );
});
