/** @file What Settings opens to other programs, over every host: the API, with a token that is shown once and can be revoked. */
import { expect } from '@playwright/test';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from './app.ts';

test('the API is switched on, answers a token that is shown once, and refuses it when it is revoked', async ({
  app,
}) => {
  const { page, complaints } = app;
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const asked = async (token: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status;

  await page.keyboard.press('Control+,');
  const api = page.getByRole('region', { name: 'API', exact: true });
  await expect(api).toContainText('No token is in force: every request is refused.');
  await api.getByLabel('Port').fill(String(port));
  await api.getByRole('button', { name: 'Save' }).click();
  await api.getByRole('radio', { name: 'On', exact: true }).click();
  await expect(api).toContainText(`Answers on http://127.0.0.1:${port}`);
  await api.getByRole('button', { name: 'Test' }).click();
  await expect(api.getByRole('status')).toContainText('It answered in');

  await api.getByLabel('New token for').fill('collector');
  await api.getByRole('button', { name: 'Make' }).click();
  const made = api.getByText(/^surprisal_/);
  const token = (await made.textContent())?.trim() ?? '';
  expect(await asked(token)).toBe(200);
  expect(await asked(`${token}x`)).toBe(401);
  // Whoever comes back to the page sees that there is one, and not which.
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await page.keyboard.press('Control+,');
  await expect(api.getByText('collector')).toBeVisible();
  await expect(made).toBeHidden();
  expect(await page.locator('body').innerText()).not.toContain(token);
  await api.getByRole('button', { name: 'Revoke' }).click();
  await expect(api).toContainText('No token is in force');
  expect(await asked(token)).toBe(401);
  await api.getByRole('radio', { name: 'Off', exact: true }).click();
  await expect(api.getByText(/Answers on/)).toBeHidden();
  await expect(asked(token)).rejects.toThrow();
  expect(complaints).toEqual([]);
});
