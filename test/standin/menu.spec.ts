/** @file The window's menu over the built bundles: what it offers, what it must not, and that the page keeps its keys. */
import { expect, test } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StandIn } from './launch.ts';
import type { MenuEntry } from './menu.ts';
import { closeShell, openShell, type Shell } from './shell.ts';

let shell: Shell;
test.setTimeout(30_000);
test.beforeAll(async () => {
  shell = await openShell();
});
test.afterAll(async () => closeShell(shell));

const flat = (items: readonly MenuEntry[]): MenuEntry[] => items.flatMap((item) => [item, ...flat(item.submenu)]);

test('Open log and the keys are a click away, and act in the page', async () => {
  const { page, standIn } = shell;
  await standIn.ask('choose', { path: ['Help', 'Keys'] });
  await expect(page.getByRole('dialog')).toBeVisible();
  // With a dialog open its keys are its own, and so is the menu's way to them.
  await standIn.ask('choose', { path: ['Help', 'Diagnostics'] });
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await standIn.ask('choose', { path: ['Help', 'Diagnostics'] });
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await standIn.ask('layOut', { open: ['/nowhere/at-all.log'] });
  await standIn.ask('choose', { path: ['File', 'Open log…'] });
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
