/** @file Tokens of the API on the command line: shown once, kept as hashes, revoked by name; what is made here opens the API of the app. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clientOf, freePort } from '../api/served.ts';
import { openApp } from '../helpers/app.ts';
import { runMain } from '../helpers/cli.ts';
import { testFolder } from '../helpers/folders.ts';

test('a token is printed once and stored nowhere, opens the API, and is refused from when it is revoked', async () => {
  const workspace = join(testFolder(), 'workspace');
  await (await openApp(workspace)).close();
  const run = (verb: string, ...args: string[]) => runMain('token', verb, '--workspace', workspace, ...args);
  const made = await run('create', '--name', 'collector');
  const [{ token = '' } = {}] = made.json() as { token?: string }[];
  expect([made.status, token]).toEqual([0, expect.stringMatching(/^surprisal_[\w-]{43}$/)]);
  expect((await run('create', '--name', 'collector')).status).toBe(3);
  const listed = await run('list');
  expect(listed.json()).toEqual([expect.objectContaining({ name: 'collector', revokedAt: null })]);
  expect(listed.stdout).not.toContain(token);
  for (const name of readdirSync(workspace).filter((one) => one.includes('.db')))
    expect(readFileSync(join(workspace, name)).includes(token)).toBe(false);

  const app = await openApp(workspace);
  const port = await freePort();
  await app.ask('api.set', { isOn: true, port, perSecond: 1000 });
  expect((await clientOf(port, token).get('/metrics')).status).toBe(200);
  await app.close();

  expect((await run('revoke', '--name', 'collector')).status).toBe(0);
  expect((await run('revoke', '--name', 'collector')).status).toBe(3);
  // The name is free again, and is another token.
  const again = await run('create', '--name', 'collector');
  expect(again.stdout).not.toContain(token);
  const later = await openApp(workspace);
  expect((await clientOf(port, token).get('/metrics')).status).toBe(401);
  await later.close();
  expect((await run('forget', '--name', 'collector')).status).toBe(2);
});
