/**
 * @file A classifier before its training: its windows, from an archive or from verdicts, are read, checked and kept. What is wrong with them is
 * said at once, and the training that follows needs no file of the user's any more.
 */
import { readFile, stat } from 'node:fs/promises';
import type { Classifier, ClassifierCard } from '../../../shared/classify.ts';
import { AppError } from '../../../shared/errors.ts';
import { largestArchiveBytes, readArchive } from '../../classify/archive.ts';
import { prepareTraining } from '../../classify/prepare.ts';
import { duplicatesOf, type Parts } from '../../classify/report.ts';
import { largestTemplatesBytes, readTemplates, type TemplateTable } from '../../classify/templates.ts';
import { countOf } from '../../classify/windows.ts';
import type { KeyModel } from '../keyModel.ts';
import type { Services } from '../services.ts';
import { writeData } from './folders.ts';
import { verdictParts } from './verdictParts.ts';

type File = { path: string; name: string };

/** Throws BAD_INPUT with what is wrong in which file. */
export async function addFromArchive(
  services: Services,
  { archive, templates, seed }: { archive: File; templates: File | null; seed: number },
): Promise<Classifier> {
  const parts = await naming(archive, async () => readArchive(await readWhole(archive, largestArchiveBytes)));
  const texts =
    templates &&
    (await naming(templates, async () => readTemplates(await readWhole(templates, largestTemplatesBytes))));
  return add(services, { name: archive.name, source: 'archive', parts, templates: texts, seed });
}

/** With the kinds and the ordinary events of the model in use. Throws as `verdictParts`. */
export async function addFromVerdicts(
  services: Services,
  model: KeyModel,
  { length, seed }: { length: number; seed: number },
): Promise<Classifier> {
  const { parts, facts } = await verdictParts(services, model, { length, seed });
  return add(services, { name: 'verdicts', source: 'verdicts', parts, templates: null, seed, verdicts: facts });
}

async function add(
  services: Services,
  input: Pick<ClassifierCard, 'name' | 'source' | 'seed' | 'verdicts'> & {
    parts: Parts;
    templates: TemplateTable | null;
  },
): Promise<Classifier> {
  const { store, host } = services;
  const { name, source, parts, templates, seed, verdicts } = input;
  const { vocabulary, heldBack, classWeight } = prepareTraining(parts.train, seed);
  const id = host.newId();
  await writeData(services, id, parts, templates);
  const card: ClassifierCard = {
    name,
    source,
    length: parts.train.length,
    eventIds: vocabulary.ids.length,
    seed,
    counts: { train: countOf(parts.train), test: countOf(parts.test) },
    duplicates: duplicatesOf(parts),
    heldBack: countOf(heldBack),
    classWeight,
    ...(verdicts ? { verdicts } : {}),
    shape: null,
    parameterCount: 0,
    epochs: 0,
    bestEpoch: 0,
    elapsedMs: 0,
    calibration: null,
    test: null,
    noQuality: null,
    failure: null,
  };
  const actor = await services.actor();
  return store.call('add_classifier', {
    id,
    state: 'training',
    createdAt: host.now(),
    card,
    curve: [],
    files: [],
    actor,
  });
}

async function readWhole({ path, name }: File, mostBytes: number): Promise<Uint8Array> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new AppError('NOT_FOUND', `There is no file ${name}. Check the name.`);
  if (found.size > mostBytes) throw new AppError('BAD_INPUT', `it is larger than ${mostBytes / 2 ** 20} MB.`);
  return readFile(path);
}

async function naming<T>({ name }: File, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'BAD_INPUT') throw error;
    throw new AppError('BAD_INPUT', `${name}: ${error.message}`, { cause: error });
  }
}
