/** @file Folders of models while they are made: their checkpoints, what is left of a model that failed, and folders that nobody knows. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainProgress } from '../../shared/trainerProtocol.ts';
import { modelDirectory, type Services } from './services.ts';

export function checkpointDirectory(services: Services, modelId: string): string {
  return join(modelDirectory(services, modelId), 'checkpoints');
}

/** How far training got: when its newest checkpoint was written. */
export function learningPlace(services: Services, modelId: string): Promise<string> {
  return checkpointPlace(checkpointDirectory(services, modelId));
}

export async function checkpointPlace(directory: string): Promise<string> {
  const names = await readdir(directory).catch(() => []);
  const times = names.map((name) => stat(join(directory, name)).then(({ mtimeMs }) => mtimeMs));
  return String(Math.max(0, ...(await Promise.all(times))));
}

/** A model that did not finish learning: its record says so, its files go. */
export async function discardModel(
  services: Services,
  id: string,
  reached: { card: Record<string, unknown>; curve?: TrainProgress[] },
): Promise<void> {
  const { store, actor } = services;
  await rm(modelDirectory(services, id), { recursive: true, force: true });
  await store.call('update_model', { id, state: 'failed', ...reached, actor: await actor() });
}

/** Models whose learning was cut off and that no job goes on with. */
export async function discardUnfinished(services: Services, goOn: ReadonlySet<string>): Promise<void> {
  for (const { id, state, card } of await services.store.call('list_models', undefined)) {
    if (state === 'training' && !goOn.has(id))
      await discardModel(services, id, { card: { ...card, failure: 'Surprisal ended while it learned.' } });
  }
}

/** Folders of models that were deleted, or were being imported, when the app ended. `goOn`: of jobs that may not have a record yet. */
export async function removeUnknownFolders(services: Services, goOn: ReadonlySet<string>): Promise<void> {
  const folder = join(services.directory, 'models');
  const known = new Set((await services.store.call('list_models', undefined)).map(({ id }) => id));
  for (const name of await readdir(folder).catch(() => [])) {
    if (!known.has(name) && !goOn.has(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
