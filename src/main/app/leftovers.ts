/** @file What the last end of the app left: which jobs are gone on with, and what nobody needs any more. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnfinishedJob } from '../store/protocol/workspace.ts';
import { classifierOf, filesOf, modelOf, readAsked, type Asked } from './asked.ts';
import { removeUnfinished } from './attachments.ts';
import { abandonImports } from './importFile.ts';
import { classifierCheckpoints, discardUnfinishedClassifiers } from './classify/folders.ts';
import { checkpointPlace, discardUnfinished, learningPlace, removeUnknownFolders } from './modelFolders.ts';
import { incomingDirectory, type Services } from './services.ts';

/** Begun so often in one place without an end, a job is what ends the app. */
const mostAttempts = 2;

export type CutOff = { record: UnfinishedJob; asked: Asked };
export type GivenUp = { record: UnfinishedJob; reason: string };

/** How far a job is, for telling whether it came any further the next time: lines read and checkpoints of training. */
export async function placeOf(services: Services, asked: Asked): Promise<string> {
  const open = await services.store.call('find_open_import', undefined);
  const modelId = modelOf(asked);
  const learned = modelId === undefined ? '' : await learningPlace(services, modelId);
  const classifierId = classifierOf(asked);
  const classified =
    classifierId === undefined ? '' : `/${await checkpointPlace(classifierCheckpoints(services, classifierId))}`;
  return `${open?.sourceId ?? ''}/${open?.lastEventId ?? ''}/${learned}${classified}`;
}

/**
 * Sorts what was cut off. With `goesOn`, jobs that ended the app twice in the same place are given up, as are those that this version
 * does not know; without, all are left for a later start.
 */
export async function clearUp(
  services: Services,
  { goesOn }: { goesOn: boolean },
): Promise<{ cutOff: CutOff[]; givenUp: GivenUp[] }> {
  const { store } = services;
  const cutOff: CutOff[] = [];
  const givenUp: GivenUp[] = [];
  for (const record of await store.call('list_jobs', undefined)) {
    const asked = readAsked(record);
    const reason = await whyNot(services, record, asked);
    if (asked && (reason === undefined || !goesOn)) cutOff.push({ record, asked });
    else if (reason !== undefined && goesOn) givenUp.push({ record, reason });
  }
  for (const { record } of givenUp) {
    const { id, kind, attempts } = record;
    const actor = await services.actor();
    await store.call('end_job', { id, givenUp: { kind, attempts, actor } });
  }
  const models = new Set(cutOff.flatMap(({ asked }) => modelOf(asked) ?? []));
  await discardUnfinished(services, models);
  await removeUnknownFolders(services, models);
  await services.store.call('discard_bundles', { bundle: null });
  await discardUnfinishedClassifiers(services, new Set(cutOff.flatMap(({ asked }) => classifierOf(asked) ?? [])));
  await removeUnfinished(services);
  const incoming = incomingDirectory(services);
  const needed = new Set(cutOff.flatMap(({ asked }) => filesOf(asked, incoming)));
  for (const name of await readdir(incoming).catch(() => [])) {
    if (!needed.has(join(incoming, name))) await rm(join(incoming, name), { recursive: true, force: true });
  }
  // A command that reads the same file again goes on with it; nobody asks the app again.
  if (goesOn) await abandonUnwanted(services);
  return { cutOff, givenUp };
}

async function whyNot(
  services: Services,
  record: UnfinishedJob,
  asked: Asked | undefined,
): Promise<string | undefined> {
  if (!asked)
    return 'It was asked for in another version of Surprisal, which this one cannot go on with. Start it again.';
  if (record.attempts < mostAttempts || record.place !== (await placeOf(services, asked))) return undefined;
  return 'Surprisal ended twice while it did this, in the same place, so it was not begun a third time. Start it again to try once more; if the app ends again, this machine may be short of memory.';
}

/** An import that was cut off stays open only as long as a job wants its file. */
export async function abandonUnwanted(services: Services): Promise<void> {
  const { store } = services;
  const open = await store.call('find_open_import', undefined);
  if (open) {
    const jobs = (await store.call('list_jobs', undefined)).flatMap((record) => readAsked(record) ?? []);
    if (jobs.some((asked) => filesOf(asked, incomingDirectory(services)).includes(open.path))) return;
  }
  await abandonImports(services);
}
