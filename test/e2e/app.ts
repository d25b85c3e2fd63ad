/** @file A running app for a specification: a fresh workspace, the built renderer, a page that is logged in. */
import { test as base, type Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type RunningApp = {
  page: Page;
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

export const test = base.extend<{ app: RunningApp }>({
  app: async ({ page }, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'surprisal-e2e-'));
    const workspace = join(directory, 'workspace');
    const server = spawn(process.execPath, ['scripts/surprisal.mjs', 'serve', '--workspace', workspace], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [link] = (await once(server.stdout, 'data')) as [Buffer];
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(link.toString().trim());
    await use({ page, directory, workspace, complaints });
    server.kill('SIGTERM');
    await once(server, 'close');
    await rm(directory, { recursive: true, force: true });
  },
});
