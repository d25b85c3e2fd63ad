/** @file A classifier as part of a model: its graph among the model's files, and which rows that calibrate it was taught. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFile } from '../../../shared/trainerProtocol.ts';
import { doubtfulRows } from '../../learn/doubt.ts';
import type { CalibratedClassifier } from '../calibrate.ts';
import { windowClassifier, type WindowClassifier } from '../detection/windowClassifier.ts';
import type { KeyModel } from '../keyModel.ts';
import { readAlerts } from '../leftOut.ts';
import type { Material } from '../retraining/material.ts';
import type { Services } from '../services.ts';
import { writeWhole } from '../wholeFile.ts';

export const classifierGraph = 'classify.onnx';

/** A model keeps what it judges with: the classifier may be deleted, and the model goes on. */
export async function copyFile(from: string, to: string, name: string): Promise<ModelFile> {
  const bytes = await readFile(join(from, name));
  await writeWhole(join(to, name), bytes);
  return { name, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** What a model that is calibrated anew takes over of another's; nothing where that has none. */
export async function carriedClassifier(
  services: Services,
  { detection: { classifier }, vocabulary }: KeyModel,
  { directory, material, signal }: { directory: string; material: Material; signal: AbortSignal },
): Promise<{ classifier: CalibratedClassifier | undefined; files: ModelFile[] }> {
  if (!classifier) return { classifier: undefined, files: [] };
  const file = await copyFile(classifier.directory, directory, classifierGraph);
  const own = windowClassifier(directory, classifier.state, vocabulary);
  return { classifier: await taughtClassifier(services, own, material, signal), files: [file] };
}

/** With the rows under confirmed threats, which it learned or would have learned. */
export async function taughtClassifier(
  { store }: Pick<Services, 'store'>,
  classifier: WindowClassifier,
  { cut, sourceIds }: Material,
  signal: AbortSignal,
): Promise<CalibratedClassifier> {
  const labelled = await Promise.all(
    cut.map(async ({ table }, index) => {
      // However surprising: what nobody decided stays among the rows that calibrate.
      const decided = await readAlerts(store, sourceIds[index] ?? 0, Infinity, signal);
      return doubtfulRows(table, decided, classifier.state.length);
    }),
  );
  return { classifier, labelled };
}
