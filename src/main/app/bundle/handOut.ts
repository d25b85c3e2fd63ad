/** @file What the app shows and hands out of bundles: a case as a file, and an alert that came with one. */
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleEnding, type BundleAlert, type BundledAlert, type BundleFile } from '../../../shared/bundle.ts';
import { AppError } from '../../../shared/errors.ts';
import type { AppParts } from '../createApp.ts';
import { incomingDirectory, type Services } from '../services.ts';
import { exportBundle } from './exportBundle.ts';

/** What a message carries; larger ones stay in the workspace. */
const mostHandedBytes = 100_000_000;

/** Throws NOT_FOUND, STORE_FULL. */
export async function handOutBundle(parts: AppParts, caseId: string): Promise<BundleFile> {
  const { services } = parts;
  const record = await services.store.call('find_case', { caseId });
  if (!record) throw new AppError('NOT_FOUND', `There is no case ${caseId}.`);
  const fileName = `case-${record.number}.${bundleEnding}`;
  const directory = incomingDirectory(services);
  await mkdir(directory, { recursive: true });
  // Emptied at every start: what a kill leaves of it goes.
  const path = join(directory, `${services.host.newId()}.bundle`);
  try {
    const { missing, manifestSha256 } = await exportBundle(parts, caseId, path);
    const { size: sizeBytes } = await stat(path);
    const facts = { fileName, mediaType: 'application/zip', sizeBytes, missing, manifestSha256 };
    if (sizeBytes <= mostHandedBytes)
      return { ...facts, base64: (await readFile(path)).toString('base64'), savedAs: null };
    const folder = join(services.directory, 'bundles');
    await mkdir(folder, { recursive: true });
    const savedAs = join(folder, fileName);
    await rename(path, savedAs);
    return { ...facts, base64: null, savedAs };
  } finally {
    await rm(path, { force: true });
  }
}

/** Throws NOT_FOUND. */
export async function bundledDetail({ store, host }: Services, alertId: string): Promise<BundledAlert> {
  const found = await store.call('get_bundled_alert', { alertId });
  if (!found) throw new AppError('NOT_FOUND', 'No alert of that id came with a bundle.');
  const alert = JSON.parse(found.content) as BundleAlert;
  const { origins } = await store.call('get_case', { caseId: found.caseId, now: host.now() });
  const { came } = await store.call('read_case_whole', { caseId: found.caseId });
  const facts = came[found.bundle]?.facts;
  const origin = origins[found.bundle];
  if (!origin) throw new Error('An alert that came with a bundle has an origin.');
  return { ...alert, source: facts?.sources.find(({ id }) => id === alert.sourceId) ?? null, origin };
}
