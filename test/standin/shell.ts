/** @file The built app in the stand-in, for the specifications of the shell: a fresh workspace, its page, and its bridge. */
import { expect, type Page } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../../src/shared/jobs.ts';
import type { Result } from '../../src/shared/errors.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../src/shared/routes.ts';
import { StandIn } from './launch.ts';

export type Shell = { standIn: StandIn; page: Page; directory: string; workspace: string };

export async function openShell(): Promise<Shell> {
  const directory = await mkdtemp(join(tmpdir(), 'surprisal-shell-'));
  const workspace = join(directory, 'workspace');
  const standIn = launchIn(directory);
  return { standIn, page: await standIn.page(), directory, workspace };
}

/** Another start of the app over the same folders. */
export function launchIn(directory: string, userData = join(directory, 'user-data')): StandIn {
  return new StandIn({ userData, env: { SURPRISAL_WORKSPACE: join(directory, 'workspace') } });
}

export async function closeShell({ standIn, directory }: Shell): Promise<void> {
  const code = await standIn.quit();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  expect(code, standIn.output).toBe(0);
}

/** A request over the bridge, as the renderer makes it. */
export async function request<R extends RouteName>(
  page: Page,
  route: R,
  input: RouteInput<R>,
): Promise<RouteOutput<R>> {
  const call = `window.surprisal.request(${JSON.stringify(route)}, ${JSON.stringify(input)})`;
  const result = await page.evaluate<Result<RouteOutput<R>>>(call);
  if (!result.ok) throw new Error(`${route}: ${result.error.message}`);
  return result.data;
}

/** Opens a file by the dialog and imports it; gives the job. */
export async function startImport({ standIn, page }: Shell, path: string): Promise<string> {
  await standIn.ask('layOut', { open: [path] });
  const [file] = await request(page, 'files.choose', {});
  const { jobId } = await request(page, 'sources.import', { token: file?.token ?? '', thenScore: false });
  return jobId;
}

/** The job when it has ended. */
export async function ended(page: Page, jobId: string): Promise<Job> {
  const find = async (): Promise<Job | undefined> =>
    (await request(page, 'jobs.list', {})).find((job) => job.id === jobId);
  await expect.poll(async () => (await find())?.state, { timeout: 120_000 }).not.toBe('running');
  return (await find()) as Job;
}
