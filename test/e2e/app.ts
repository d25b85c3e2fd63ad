/** @file A running app for a specification: a fresh workspace, the built renderer, over the host that the project names. */
import { test as base, type Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Result } from '../../src/shared/errors.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../src/shared/routes.ts';
import { hosts, type HostName, type OpenedHost } from './hosts.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type RunningApp = Pick<OpenedHost, 'page' | 'willChoose' | 'drop' | 'saved'> & {
  /** A folder of this specification's own. */
  directory: string;
  workspace: string;
  /** What the page complained of; a specification that expects none says so. */
  complaints: string[];
};

/** Runs a command of the command line and gives its JSON. */
export async function surprisal(...args: string[]): Promise<unknown> {
  const child = spawn(process.execPath, ['scripts/surprisal.mjs', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number];
  if (status !== 0) throw new Error(`surprisal ${args.join(' ')} ended with ${status}: ${errors}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? 'null');
}

/** A request of the page, as its transport makes it: over the bridge where there is one, else over HTTP. */
export async function ask<R extends RouteName>(page: Page, route: R, input: RouteInput<R>): Promise<RouteOutput<R>> {
  const body = JSON.stringify({ route, input });
  const result = await page.evaluate<Result<RouteOutput<R>>>(
    `window.surprisal ? window.surprisal.request(${JSON.stringify(route)}, ${JSON.stringify(input)}) :
      fetch('/rpc', { method: 'POST', headers: { 'content-type': 'application/json', 'x-surprisal': '1' },
        body: ${JSON.stringify(body)} }).then((answer) => answer.json())`,
  );
  if (!result.ok) throw new Error(`${route}: ${result.error.message}`);
  return result.data;
}

export const test = base.extend<{ hostName: HostName; app: RunningApp; page: Page }>({
  hostName: ['browser', { option: true }],
  app: async ({ hostName }, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'surprisal-e2e-'));
    const workspace = join(directory, 'workspace');
    const complaints: string[] = [];
    const { close, ...opened } = await hosts[hostName]({ directory, workspace, complaints });
    await use({ ...opened, directory, workspace, complaints });
    await close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  },
  page: async ({ app }, use) => use(app.page),
});
