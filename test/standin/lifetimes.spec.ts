/** @file Starts, crashes and ends of the built app in the stand-in: what dies is reported and comes back, and nothing that was kept is lost. */
import { expect, test as base, type Page } from '@playwright/test';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineReport } from '../../src/shared/engineReport.ts';
import { surprisal } from '../e2e/app.ts';
import { closeShell, ended, launchIn, openShell, request, startImport, type Shell } from './shell.ts';

const test = base.extend<{ shell: Shell; directory: string }>({
  // Playwright reads the pattern to know what a fixture needs: nothing.
  // oxlint-disable-next-line no-empty-pattern
  shell: async ({}, use) => {
    const shell = await openShell();
    await use(shell);
    await closeShell(shell);
  },
  // oxlint-disable-next-line no-empty-pattern
  directory: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'surprisal-lifetimes-'));
    await use(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  },
});

async function makeLog(directory: string, lines: number): Promise<string> {
  const path = join(directory, 'a.log');
  const labels = join(directory, 'labels.jsonl');
  await surprisal('lab', '--lines', String(lines), '--seed', '3', '--output', path, '--labels', labels);
  return path;
}

test('a second start shows the first window and ends', async ({ shell: { standIn, directory } }) => {
  await standIn.ask('minimize', { windowId: 1 });
  const second = launchIn(directory);
  expect(await second.exited, second.output).toBe(0);
  await standIn.happened('restore');
  await standIn.happened('focus');
  expect(await standIn.ask('windows', undefined)).toHaveLength(1);
});

test('a workspace that another process has open is explained in the window, and nothing of it is answered', async ({
  shell,
}) => {
  const other = launchIn(shell.directory, join(shell.directory, 'other-user-data'));
  const page = await other.page();
  await expect(page.getByText(/The workspace .* is open in another Surprisal\. Close that one/)).toBeVisible();
  await expect(request(page, 'sources.list', {})).rejects.toThrow(/is open in another/);
  expect(await other.quit(), other.output).toBe(0);
});

test('the window’s process dies during an import: the page comes back, the import goes on, the lines are there', async ({
  shell,
}) => {
  const { standIn } = shell;
  const jobId = await startImport(shell, await makeLog(shell.directory, 20_000));
  const before = standIn.entries.length;
  await standIn.ask('crash', { windowId: 1 });
  await standIn.happened('render-process-gone', before);
  const page = await standIn.page(1, before);
  expect(standIn.output).toContain('The window’s process ended (crashed');
  expect(await ended(page, jobId)).toMatchObject({ state: 'done' });
  expect(await request(page, 'sources.list', {})).toMatchObject([{ name: 'a.log', lineCount: 20_000 }]);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await expect(page.getByText('a.log').first()).toBeVisible();
});

test('a window that keeps dying asks instead of coming back for ever', async ({ shell: { standIn } }) => {
  await standIn.ask('layOut', { button: 0 });
  let from = 0;
  for (let death = 1; death <= 4; death++) {
    from = standIn.entries.length;
    await standIn.ask('crash', { windowId: 1 });
    await standIn.happened('load', from);
  }
  expect(await standIn.happened('message-box', from)).toMatchObject({ text: expect.stringContaining('keeps failing') });
});

/** The providers are tried by themselves after the first screen, each in a utility process. */
async function providersTried(page: Page): Promise<EngineReport> {
  await expect
    .poll(async () => {
      const { trials, isTrying } = await request(page, 'engine.get', {});
      return trials.length > 0 && !isTrying;
    })
    .toBe(true);
  return request(page, 'engine.get', {});
}

test('a first launch tries the providers in utility processes, and the file to send says what came of it', async ({
  shell: { standIn, page },
}) => {
  const { trials, inUse, triedOn } = await providersTried(page);
  expect(trials).toContainEqual(expect.objectContaining({ provider: 'cpu', state: 'agrees' }));
  expect({ inUse, triedOn }).toEqual({ inUse: 'cpu', triedOn: 'a model that has learned nothing' });
  const names = async (): Promise<string[]> => (await standIn.ask('utilities', undefined)).map(({ name }) => name);
  await expect.poll(names).toEqual(['Surprisal adapting process']);
  const { text } = await request(page, 'diagnostics.get', {});
  expect(JSON.parse(text)).toMatchObject({ selfTest: { problem: '' } });
});

test('the trainer dies: its job fails in words, the app stays, the next job works', async ({ shell }) => {
  const { standIn, page } = shell;
  await ended(page, await startImport(shell, await makeLog(shell.directory, 3000)));
  const [source] = await request(page, 'sources.list', {});
  await providersTried(page);
  const learn = { sourceIds: [source?.id ?? 0] };
  const { jobId } = await request(page, 'learn.start', learn);
  const trainer = async (): Promise<number | undefined> =>
    (await standIn.ask('utilities', undefined)).find(({ name }) => name === 'Surprisal trainer')?.pid;
  await expect.poll(trainer).toBeDefined();
  process.kill((await trainer()) ?? 0, 'SIGKILL');
  const failed = await ended(page, jobId);
  expect(failed).toMatchObject({ state: 'failed', error: expect.stringMatching(/ended/) });
  const next = await request(page, 'learn.start', learn);
  expect(await ended(page, next.jobId)).toMatchObject({ state: 'done' });
});

test('the process that learns from verdicts dies: the status says so until it is back', async ({ shell }) => {
  const { standIn, page } = shell;
  const adapting = async (): Promise<number | undefined> =>
    (await standIn.ask('utilities', undefined)).find(({ name }) => name === 'Surprisal adapting process')?.pid;
  await expect.poll(adapting).toBeDefined();
  const pid = (await adapting()) ?? 0;
  process.kill(pid, 'SIGKILL');
  await expect.poll(async () => ((await adapting()) ?? pid) !== pid).toBe(true);
  await expect.poll(async () => (await request(page, 'status.get', {})).notices).toEqual([]);
});

test('the window is where it was, unless that is off every screen', async ({ directory }) => {
  const bounds = { x: 120, y: 40, width: 1000, height: 700 };
  const cases = [
    { kept: bounds, shown: bounds },
    { kept: { ...bounds, x: 5000 }, shown: { width: 1440, height: 900 } },
  ];
  for (const { kept, shown } of cases) {
    const userData = join(directory, `user-data-${kept.x}`);
    await mkdir(userData);
    await writeFile(join(userData, 'window.json'), JSON.stringify({ bounds: kept, isMaximized: false }));
    const place = join(directory, String(kept.x));
    const standIn = launchIn(place, userData);
    await standIn.page();
    const [window] = await standIn.ask('windows', undefined);
    expect(window?.options).toMatchObject(shown);
    await standIn.ask('close', { windowId: 1 });
    expect(await standIn.exited, standIn.output).toBe(0);
    expect(JSON.parse(await readFile(join(userData, 'window.json'), 'utf8'))).toMatchObject({ bounds: shown });
  }
});

test('quitting twice in a row still closes the store whole', async ({ directory }) => {
  const standIn = launchIn(directory);
  await standIn.page();
  void standIn.ask('quit', undefined).catch(() => undefined);
  expect(await standIn.quit(), standIn.output).toBe(0);
  // With the store's thread still running, the process would have ended in the middle of closing.
  expect(await standIn.happened('quit')).toMatchObject({ threads: 0 });
});
