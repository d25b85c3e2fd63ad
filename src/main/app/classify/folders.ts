/** @file The folder of a classifier: its windows and what their ids stand for, its weights, its checkpoints while it is trained. */
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Classifier, LabelledWindows, WindowsAbout } from '../../../shared/classify.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Parts } from '../../classify/report.ts';
import type { TemplateTable } from '../../classify/templates.ts';
import type { Services } from '../services.ts';

/** Windows alone, and with what is known of each. */
const magic = { plain: 0x57494e31, own: 0x57494e32 };
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
  parts: Parts,
  templates: TemplateTable | null,
): Promise<void> {
  const directory = classifierDirectory(services, id);
  await mkdir(directory, { recursive: true });
  const file = await open(join(directory, 'windows.bin'), 'w');
  try {
    for (const numbers of columnsOf(parts))
      await file.writeFile(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    await file.sync();
  } finally {
    await file.close();
  }
  if (templates) await writeFile(join(directory, 'templates.json'), JSON.stringify([...templates]), { flush: true });
}

/** The numbers of four bytes first, so that each column lies at a multiple of that. */
function columnsOf({ train, test }: Parts): (Int32Array | Float32Array | Uint8Array)[] {
  const about = train.about && test.about ? [train.about, test.about] : null;
  return [
    Int32Array.of(about ? magic.own : magic.plain, train.length, train.labels.length, test.labels.length),
    ...[train.ids, test.ids],
    ...(about ?? []).flatMap(({ weights, groups, alerts }) => [weights, groups, alerts]),
    ...[train.labels, test.labels],
  ];
}

/** Throws MODEL_INVALID where it is not what was written. */
export async function readData(services: Services, { id, number }: Pick<Classifier, 'id' | 'number'>): Promise<Parts> {
  const path = join(classifierDirectory(services, id), 'windows.bin');
  // Copied: what `readFile` gives is a view, and its buffer begins elsewhere.
  const bytes = new Uint8Array(await readFile(path).catch(() => new Uint8Array(0)));
  const [kind, length = 0, n = 0, m = 0] =
    bytes.length >= 4 * headerWords ? new Int32Array(bytes.buffer, 0, headerWords) : [];
  const isOwn = kind === magic.own;
  const columns = isOwn ? 3 : 0;
  const isWhole =
    (isOwn || kind === magic.plain) &&
    Math.min(length, n, m) >= 0 &&
    bytes.length === 4 * headerWords + (4 * (length + columns) + 1) * (n + m);
  if (!isWhole)
    throw new AppError('MODEL_INVALID', `The windows of classifier c${number} cannot be read. Train it again.`);
  let at = 4 * headerWords;
  const take = <T>(Numbers: new (buffer: ArrayBuffer, at: number, count: number) => T, count: number, size = 4): T => {
    const numbers = new Numbers(bytes.buffer, at, count);
    at += size * count;
    return numbers;
  };
  const ids = [take(Int32Array, length * n), take(Int32Array, length * m)] as const;
  const aboutOf = (count: number): WindowsAbout => ({
    weights: take(Float32Array, count),
    groups: take(Int32Array, count),
    alerts: take(Int32Array, count),
  });
  const about = isOwn ? ([aboutOf(n), aboutOf(m)] as const) : null;
  const labels = [take(Uint8Array, n, 1), take(Uint8Array, m, 1)] as const;
  const part = (index: 0 | 1): LabelledWindows => ({
    ...{ length, ids: ids[index], labels: labels[index] },
    ...(about ? { about: about[index] } : {}),
  });
  return { train: part(0), test: part(1) };
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
