/** @file What the detectors beside the key model learn from: the log in its order, its lines by a text model, the tutorial's windows. */
import type { StreamPage } from '../../detect/detector.ts';
import type { Services } from '../services.ts';
import type { CutTable } from '../../learn/dataset.ts';
import type { JobContext } from '../jobs.ts';
import type { ModelCard } from '../keyModel.ts';
import { learnLines } from './learnLines.ts';
import { openLineDetectors, type LineModel } from './lineDetection.ts';
import { chosenReader } from './lineModels.ts';
import { LineScores } from './lineScores.ts';
import { tablePages, trainingPages, type TablePages } from './tablePages.ts';
import { learnTutorial, type TutorialData } from './tutorial.ts';
import { TutorialWindows } from './tutorialWindows.ts';

/** What detectors of the log's order learn from: nothing of sessions of ids. */
export async function pagesOf(
  services: Services,
  input: { sourceIds: readonly number[]; keys: ModelCard['keys'] },
  cut: readonly CutTable[],
  signal: AbortSignal,
): Promise<TablePages[] | null> {
  if (input.keys === 'sequences') return null;
  const sourceIds = [...new Set(input.sourceIds)];
  const pages: TablePages[] = [];
  for (const [index, { table, cuts }] of cut.entries()) {
    const sourceId = sourceIds[index] ?? 0;
    pages.push(await tablePages(services.store, sourceId, table, cuts.trainingEnd, signal));
  }
  return pages;
}

/** What the detectors of lines learn, with the text model that is chosen now to read lines: none of sessions of ids. */
export async function linesOf(
  services: Services,
  cut: readonly CutTable[],
  pages: readonly TablePages[],
  signal: AbortSignal,
): Promise<LineScores> {
  const { store, opened } = services;
  const { hashKey } = opened;
  const model = pages.length === 0 ? null : await chosenReader(services, 'lines', signal);
  const training = function* (): Generator<StreamPage> {
    for (const [index, own] of pages.entries()) {
      const of = cut[index];
      if (of) yield* trainingPages(own, of);
    }
  };
  const learned = await learnLines(store, { hashKey, textModelId: model?.id ?? null }, training(), signal);
  return new LineScores({ store, engine: services.engine() }, openLineDetectors(learned, { model, hashKey }));
}

/** The thresholds of the preset that judges windows. */
export async function tutorialOf(
  services: Services,
  model: LineModel,
  cut: readonly CutTable[],
  seed: number,
  job: JobContext,
): Promise<TutorialData> {
  job.update({ step: 'setting the tutorial’s thresholds' });
  const windows = new TutorialWindows(services.store, services.engine(), model);
  return learnTutorial(windows, cut, { textModelId: model.id, seed }, job.signal);
}
