/** @file The folder of a classifier: its windows and what their ids stand for, its weights, its checkpoints while it is trained. */
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Classifier, LabelledWindows } from '../../../shared/classify.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Parts } from '../../classify/report.ts';
import type { TemplateTable } from '../../classify/templates.ts';
import type { Services } from '../services.ts';

const magic = 0x57494e31;
const headerWords = 4;

export function classifierDirectory({ directory }: Pick<Services, 'directory'>, id: string): string {
  return join(directory, 'classifiers', basename(id));
}

export function classifierCheckpoints(services: Pick<Services, 'directory'>, id: string): string {
  return join(classifierDirectory(services, id), 'checkpoints');
}

/** Durable when it returns: training goes on from what lies here. */
export async function writeData(
  services: Services,
  id: string,
  { train, test }: Parts,
  templates: TemplateTable | null,
): Promise<void> {
  const directory = classifierDirectory(services, id);
  await mkdir(directory, { recursive: true });
  const [n, m] = [train.labels.length, test.labels.length];
  const words = Int32Array.from([magic, train.length, n, m]);
  const file = await open(join(directory, 'windows.bin'), 'w');
  try {
    for (const part of [words, train.ids, test.ids, train.labels, test.labels])
      await file.writeFile(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    await file.sync();
  } finally {
    await file.close();
  }
  if (templates) await writeFile(join(directory, 'templates.json'), JSON.stringify([...templates]), { flush: true });
}

/** Throws MODEL_INVALID where it is not what was written. */
export async function readData(services: Services, { id, number }: Pick<Classifier, 'id' | 'number'>): Promise<Parts> {
  const refuse = (): never => {
    throw new AppError('MODEL_INVALID', `The windows of classifier c${number} cannot be read. Train it again.`);
  };
  const bytes = await readFile(join(classifierDirectory(services, id), 'windows.bin')).catch(() => new Uint8Array(0));
  const head = Int32Array.from({ length: headerWords }, (_, i) =>
    bytes.length >= 4 * headerWords ? new DataView(bytes.buffer, bytes.byteOffset).getInt32(4 * i, true) : 0,
  );
  const [found, length = 0, n = 0, m = 0] = head;
  const counts = [length, n, m];
  if (found !== magic || counts.some((count) => count < 0)) return refuse();
  const idBytes = 4 * length * (n + m);
  if (bytes.length !== 4 * headerWords + idBytes + n + m) return refuse();
  // Copied: a slice of what `readFile` gives is a view, and its buffer begins elsewhere.
  const ids = new Int32Array(Uint8Array.from(bytes.subarray(4 * headerWords, 4 * headerWords + idBytes)).buffer);
  const labels = bytes.subarray(4 * headerWords + idBytes);
  const part = (from: number, to: number): LabelledWindows => ({
    length,
    ids: ids.subarray(from * length, to * length),
    labels: Uint8Array.from(labels.subarray(from, to)),
  });
  return { train: part(0, n), test: part(n, n + m) };
}

/** Of an archive that came with templates. */
export async function readKeptTemplates(services: Services, id: string): Promise<TemplateTable | null> {
  const text = await readFile(join(classifierDirectory(services, id), 'templates.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const entries: unknown = JSON.parse(text);
  const isPair = (entry: unknown): entry is [number, string] =>
    Array.isArray(entry) && typeof entry[0] === 'number' && typeof entry[1] === 'string';
  return new Map(Array.isArray(entries) ? entries.filter(isPair) : []);
}

/** Its record says why, its files go. */
export async function discardClassifier(services: Services, classifier: Classifier, failure: string): Promise<void> {
  await rm(classifierDirectory(services, classifier.id), { recursive: true, force: true });
  const card = { ...classifier.card, failure };
  await services.store.call('update_classifier', {
    id: classifier.id,
    state: 'failed',
    card,
    actor: await services.actor(),
  });
}

/** Those whose training was cut off and that no job goes on with, and folders that nobody knows. */
export async function discardUnfinishedClassifiers(services: Services, goOn: ReadonlySet<string>): Promise<void> {
  const classifiers = await services.store.call('list_classifiers', undefined);
  for (const classifier of classifiers) {
    if (classifier.state === 'training' && !goOn.has(classifier.id))
      await discardClassifier(services, classifier, 'Surprisal ended while it was trained.');
  }
  const known = new Set(classifiers.map(({ id }) => id));
  const folder = join(services.directory, 'classifiers');
  for (const name of await readdir(folder).catch(() => [])) {
    if (!known.has(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
