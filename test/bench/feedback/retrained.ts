/**
 * @file Models that verdicts changed: the one that the app proposes after retraining, and one by the published rule from the same verdicts. Both are
 * calibrated on the same held-back events, and both go through the alerts of the stream as a proposed model does.
 */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { calibrate } from '../../../src/main/app/calibrate.ts';
import { LineScores } from '../../../src/main/app/detection/lineScores.ts';
import { TaughtJudges } from '../../../src/main/app/detection/taughtJudges.ts';
import type { JobContext } from '../../../src/main/app/jobs.ts';
import { loadKeyModel, writeModelData, type KeyModel } from '../../../src/main/app/keyModel.ts';
import { pagesOf } from '../../../src/main/app/detection/learnFrom.ts';
import { gateChecksOf } from '../../../src/main/app/retraining/gate.ts';
import { heldRowsOf } from '../../../src/main/app/retraining/heldRows.ts';
import { readMaterial } from '../../../src/main/app/retraining/material.ts';
import { labelledSplit } from '../../../src/main/app/retraining/plan.ts';
import { replayAlerts } from '../../../src/main/app/retraining/replay.ts';
import { scoreSource } from '../../../src/main/app/score.ts';
import { modelDirectory } from '../../../src/main/app/services.ts';
import { currentThreshold } from '../../../src/main/app/thresholdInForce.ts';
import { decisionRewards } from '../../../src/shared/decisions.ts';
import { alignRecipe } from '../../../src/shared/recipes.ts';
import { packSequences } from '../../../src/shared/sequences.ts';
import type { Taught } from '../../../src/shared/taught.ts';
import { AlignModel } from '../../../trainer/align/model.ts';
import { exportModel } from '../../../trainer/files/export.ts';
import { readStartWeights } from '../../../trainer/files/startWeights.ts';
import { createRandom } from '../../../trainer/train/random.ts';
import type { TestApp } from '../../helpers/app.ts';
import { trainByPublishedRule } from '../publishedRule.ts';

type Parts = TestApp['app']['parts'];

/** `seconds`: until it was proposed. */
export type Candidate = { model: KeyModel; seconds: number; verdicts: number };

const { signal } = new AbortController();
const job: JobContext = {
  ...{ signal, cancelled: signal },
  update: () => undefined,
  setPausing: () => undefined,
  setCurve: () => undefined,
};

/** By the app's own job. Null, with the reason told, where it proposes nothing. */
export async function retrainedByApp({ models, work, proposals }: Parts): Promise<Candidate | string> {
  const startedAt = performance.now();
  const ended = await (await work.startRetraining()).finished;
  if (ended.state !== 'done') return ended.error ?? ended.state;
  const [retraining] = await proposals.list();
  const model = retraining && (await models.of(retraining.modelId));
  if (!model) return 'Nothing was proposed.';
  const { learned, heldOut } = retraining.report;
  const verdicts = learned.threats + learned.harmless + heldOut.threats + heldOut.harmless;
  return { model, seconds: (performance.now() - startedAt) / 1000, verdicts };
}

/** From the same verdicts: all were flagged, so that is the decision which it rewards. */
export async function retrainedByRule({ services }: Parts, parent: KeyModel, seed: number): Promise<KeyModel> {
  const { shape } = parent.card;
  if (!shape) throw new Error('The model only counts.');
  const { learned } = await labelledSplit(services, parent, signal);
  const start = await readStartWeights(join(modelDirectory(services, parent.id), 'weights.safetensors'), shape);
  const model = await AlignModel.create(shape, start, availableParallelism());
  const { ids, offsets } = packSequences(learned.map((one) => one.ids));
  const counts = new Int32Array(learned.length).fill(1);
  const pieces = { ids, offsets, counts, predictions: ids.length - learned.length, targetWeights: null };
  const { batchSequences, learningRate, leastSteps } = alignRecipe;
  await trainByPublishedRule(model, {
    ...{ pieces, isThreat: learned.map(({ isThreat }) => isThreat), threshold: -Infinity, rewards: decisionRewards },
    ...{ steps: leastSteps, batchSequences, learningRate: learningRate.trainedHere, random: createRandom(seed) },
  });
  const id = services.host.newId();
  const record = await services.store.call('add_model', {
    ...{ id, state: 'training', createdAt: services.host.now(), directory: `models/${id}`, card: parent.card },
    ...{ curve: [], files: [], actor: await services.actor() },
  });
  const directory = modelDirectory(services, id);
  await mkdir(directory, { recursive: true });
  const written = await exportModel(directory, shape, model.state.parameters);
  await model.release();
  const material = await readMaterial(services, parent, signal);
  const pages = await pagesOf(services, { sourceIds: material.sourceIds, keys: 'lines' }, material.cut, signal);
  const budgetScore = (await currentThreshold(services))?.budgetScore ?? 0;
  const calibrated = await calibrate(
    services.engine(),
    {
      ...{ directory, shape, vocabulary: parent.vocabulary, keys: 'lines', budgetScore, pages },
      ...{ cut: material.cut, formats: material.formats, templates: material.templates },
      lines: new LineScores({ store: services.store, engine: services.engine() }, parent.lines),
    },
    signal,
  );
  const files = [...written, ...(await writeModelData(directory, calibrated, null))];
  const card = { ...parent.card, quantisation: calibrated.quantisation };
  return loadKeyModel(services, { ...record, id, card, files });
}

/** -log10 p of every stored alert by a model, under what verdicts taught. */
export async function replayed(
  { services }: Parts,
  model: KeyModel,
  version: { taught: Taught | null; budgetScore: number },
): Promise<Map<number, number>> {
  const templates = await services.store.call('list_templates', undefined);
  const scores = new Map<number, number>();
  await replayAlerts(services, model, {
    templates: new Map(templates.map((template) => [template.index, template])),
    ...{ decidedOnly: false, signal, version },
    onAlert: ({ alert, after }) => void scores.set(alert.number, after),
  });
  return scores;
}

/** Likelihood of a held-back normal event by the other model over that by this one, as the gate has it. */
export async function likelihoodRatio({ services }: Parts, parent: KeyModel, model: KeyModel): Promise<number> {
  const material = await readMaterial(services, parent, signal);
  const pages = await pagesOf(services, { sourceIds: material.sourceIds, keys: 'lines' }, material.cut, signal);
  const rowsOf = (one: KeyModel) => heldRowsOf(services, one, { material, pages }, signal);
  const rows = { before: await rowsOf(parent), after: await rowsOf(model) };
  const { checks } = gateChecksOf({ heldOut: [], rows, lost: { count: 0, of: 0 } });
  const check = checks.find(({ id }) => id === 'likelihood');
  return 2 ** ((check?.before?.value ?? NaN) - (check?.after.value ?? NaN));
}

/** Share of the events of a log that alert at a score. */
export async function realisedRate(
  { services }: Parts,
  sourceId: number,
  model: KeyModel,
  version: { taught: Taught | null; budgetScore: number },
): Promise<number> {
  const current = await currentThreshold(services);
  if (!current) throw new Error('There is no threshold.');
  const detection = await new TaughtJudges(services).under(model, version);
  const threshold = { version: current.version, score: version.budgetScore, preset: current.preset };
  const { overCount, eventCount } = await scoreSource(services, sourceId, { model, detection, threshold }, job);
  return overCount / eventCount;
}
