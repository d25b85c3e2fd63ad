/** @file The window's menu over the built bundles: what it offers, what it must not, and that the page keeps its keys. */
import { expect, test } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StandIn } from './launch.ts';
import type { MenuEntry } from './menu.ts';
import { closeShell, openShell, request, type Shell } from './shell.ts';

let shell: Shell;
test.setTimeout(30_000);
test.beforeAll(async () => {
  shell = await openShell();
});
test.afterAll(async () => closeShell(shell));

const itemOf = async (label: string): Promise<MenuEntry | undefined> =>
  flat((await shell.standIn.ask('menu', undefined)) ?? []).find((item) => item.label === label);
const flat = (items: readonly MenuEntry[]): MenuEntry[] => items.flatMap((item) => [item, ...flat(item.submenu)]);

test('Open log and the keys are a click away, and act in the page', async () => {
  const { page, standIn } = shell;
  await standIn.ask('choose', { path: ['Help', 'All keys'] });
  await expect(page.getByRole('dialog')).toBeVisible();
  // With a dialog open its keys are its own, and so is the menu's way to them.
  await expect.poll(async () => (await itemOf('Settings'))?.isEnabled).toBe(false);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect.poll(async () => (await itemOf('Settings'))?.isEnabled).toBe(true);
  await standIn.ask('choose', { path: ['Go', 'Settings'] });
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await standIn.ask('layOut', { open: ['/nowhere/at-all.log'] });
  await standIn.ask('choose', { path: ['File', 'Open a log'] });
  await expect(page.getByText('There is no file').first()).toBeVisible();
});

test('keys that the page has a meaning for are shown and left to it', async () => {
  const menu = flat((await shell.standIn.ask('menu', undefined)) ?? []);
  const taken = menu.filter((item) => item.accelerator !== '' && item.isRegistered).map((item) => item.accelerator);
  expect(taken.sort()).toEqual([
    'CommandOrControl+-',
    'CommandOrControl+0',
    'CommandOrControl+Plus',
    'CommandOrControl+Q',
    'F11',
  ]);
  // A role with no key of ours would bring Electron's.
  const bare = menu.filter((item) => item.role !== '' && item.role !== 'separator' && item.accelerator === '');
  expect(bare.map(({ role }) => role).sort()).toEqual(['help', 'reload', 'toggleDevTools']);
});

test('the menu has the page’s commands with the keys in force, and follows them when they are changed', async () => {
  const { page } = shell;
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+,');
  await expect.poll(async () => (await itemOf('Commands'))?.accelerator).toBe('CommandOrControl+K');
  // Nothing is there to be decided on.
  expect((await itemOf('True positive'))?.isEnabled).toBe(false);
  await page.getByRole('button', { name: /^New key for Commands/ }).click();
  await page.keyboard.press('Control+Shift+P');
  await expect.poll(async () => (await itemOf('Commands'))?.accelerator).toBe('CommandOrControl+Shift+P');
  await page.getByRole('button', { name: 'Put all back' }).click();
});

test('a note of severe alerts is the system’s, in our own words, and pressing it shows the window', async () => {
  const { page, standIn } = shell;
  expect(await request(page, 'window.notify', { critical: 1, high: 2 })).toEqual({ isShown: true });
  expect(await standIn.happened('notification')).toMatchObject({
    title: 'Surprisal: 3 new severe alerts',
    body: '1 critical and 2 high. They wait in the queue.',
  });
  const [window] = await standIn.ask('windows', undefined);
  await standIn.ask('minimize', { windowId: window?.id ?? 0 });
  await standIn.ask('pressNote', undefined);
  await expect.poll(async () => (await standIn.ask('windows', undefined))[0]?.isVisible).toBe(true);
});

test('packaged, nothing reloads the page or opens the developer tools', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'surprisal-packaged-'));
  const env = { SURPRISAL_WORKSPACE: join(directory, 'workspace'), SURPRISAL_STANDIN_PACKAGED: '1' };
  const standIn = new StandIn({ userData: join(directory, 'user-data'), env });
  await standIn.page();
  const menu = flat((await standIn.ask('menu', undefined)) ?? []);
  expect(menu.length).toBeGreaterThan(10);
  expect(menu.filter(({ role }) => /reload|devtools/i.test(role))).toEqual([]);
  const [window] = await standIn.ask('windows', undefined);
  expect(window?.options).toMatchObject({ webPreferences: { devTools: false } });
  expect(await standIn.quit(), standIn.output).toBe(0);
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});
