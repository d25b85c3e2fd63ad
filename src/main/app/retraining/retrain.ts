/**
 * @file Retraining the model in use on verdicts: training by reward, calibration on what was held back, the gate, and a model that is proposed. The
 * model in use is not touched.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlignOutput } from '../../../shared/alignProtocol.ts';
import { AppError, toErrorData } from '../../../shared/errors.ts';
import { learningKey } from '../../../shared/learning.ts';
import { learningOf } from '../../../shared/learningSchema.ts';
import { alignRecipe } from '../../../shared/recipes.ts';
import { blockingOf, type GateReport } from '../../../shared/retraining.ts';
import { packSequences } from '../../../shared/sequences.ts';
import type { KeyModelShape } from '../../../shared/trainerProtocol.ts';
import type { ModelRecord } from '../../store/protocol/models.ts';
import { calibrate } from '../calibrate.ts';
import { carriedClassifier } from '../classify/inModel.ts';
import { keyBitsAt } from '../detection/judge.ts';
import { LineScores } from '../detection/lineScores.ts';
import type { TablePages } from '../detection/tablePages.ts';
import type { JobContext } from '../jobs.ts';
import { contextLengthOf, loadKeyModel, writeModelData, type KeyModel, type ModelCard } from '../keyModel.ts';
import { pagesOf } from '../detection/learnFrom.ts';
import { keepAlerts } from '../leftOut.ts';
import { checkpointDirectory, discardModel } from '../modelFolders.ts';
import { modelDirectory, type Services } from '../services.ts';
import { carriedOver, type TaughtVersion } from '../detection/taughtJudges.ts';
import { currentThreshold } from '../thresholdInForce.ts';
import { counted } from '../words.ts';
import { keptLesson, removeLesson, runAligning, type Lesson } from './aligning.ts';
import { DiffGatherer } from './diff.ts';
import { gateChecksOf, type HeldOutVerdict } from './gate.ts';
import { heldRowsOf } from './heldRows.ts';
import { isOfClass } from './labelled.ts';
import { readMaterial, type Material } from './material.ts';
import { replaySequences } from './normals.ts';
import { labelledSplit, type LabelledSplit } from './plan.ts';
import { replayAlerts } from './replay.ts';
import { countClasses } from './split.ts';

/** `modelId` is chosen when retraining is asked for: a start of the app that finds the model goes on with it. */
export type RetrainInput = { modelId: string; parentId: string; seed?: number | undefined };

/** Of the job's bar, what each part fills. */
const training = { from: 0.05, to: 0.7 };
const replaying = { from: 0.8, to: 0.98 };

export async function retrain(
  services: Services,
  input: RetrainInput,
  parent: KeyModel,
  job: JobContext,
): Promise<string> {
  const { store, host } = services;
  const id = input.modelId;
  const startedAt = host.now();
  const before = (await store.call('list_models', undefined)).find((model) => model.id === id);
  if (before && before.state !== 'training') return ended(services, before);
  job.update({ step: 'reading verdicts' });
  // Before there is a model: what is missing leaves nothing behind.
  if (!before) await labelledSplit(services, parent, job.signal);
  const { seed = 1 } = input;
  const card: ModelCard = {
    ...parent.card,
    seed,
    trainingBits: null,
    validationBits: null,
    epochs: 0,
    elapsedMs: 0,
    retrainedFrom: { id: parent.id, number: parent.number },
  };
  const record =
    before ??
    (await store.call('add_model', {
      ...{ id, state: 'training', createdAt: host.now(), directory: `models/${id}`, card, curve: [], files: [] },
      actor: await services.actor(),
    }));
  const directory = modelDirectory(services, id);
  let proposed: ModelRecord;
  try {
    await mkdir(directory, { recursive: true });
    job.update({ step: 'reading what the model learned from' });
    const material = await readMaterial(services, parent, job.signal, id);
    await keepAlerts(services, id, material.alerts);
    const lesson = await keptLesson(services, id, () => makeLesson(services, parent, material, job.signal));
    const aligned = await align(services, { parent, directory, lesson, seed, id }, job);
    if (aligned.keptEpoch === 0) {
      throw new AppError(
        'CONFLICT',
        `After ${counted(aligned.epochs.length - 1, 'epoch')} nothing decides the verdicts better without taking normal events for something else. m${parent.number} stays as it is; more verdicts may help.`,
      );
    }
    job.update({ step: 'calibrating on what was held back', share: training.to, remainingMs: null });
    const threshold = await currentThreshold(services);
    if (!threshold) throw new AppError('CONFLICT', 'There is no threshold yet. Learn what is normal first.');
    const pages = await pagesOf(services, { sourceIds: material.sourceIds, keys: 'lines' }, material.cut, job.signal);
    const calibrated = await calibrateAgain(
      services,
      { parent, directory, material, pages },
      threshold.budgetScore,
      job,
    );
    const finished: ModelCard = {
      ...card,
      epochs: aligned.keptEpoch,
      elapsedMs: aligned.elapsedMs,
      ...(calibrated.quantisation ? { quantisation: calibrated.quantisation } : {}),
    };
    const files = [...aligned.files, ...calibrated.files];
    const candidate = await loadKeyModel(services, { ...record, card: finished, files });
    const report = await gate(
      services,
      {
        ...{ parent, candidate, material, pages, split: lesson.split, aligned },
        thresholds: { before: threshold.score, after: threshold.score },
        version: carriedOver(threshold),
      },
      job,
    );
    // The last moment to cancel: from here on the model is proposed.
    if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    await store.call('propose_model', {
      ...{ id, card: finished, curve: [], files, parentId: parent.id },
      report: {
        ...{ ...report, elapsedMs: host.now() - startedAt },
        ...(lesson.verdictNumber === undefined ? {} : { verdictNumber: lesson.verdictNumber }),
      },
      actor: await services.actor(),
    });
    proposed = { ...record, state: 'kept', card: finished };
  } catch (error) {
    // The app closes: the next start goes on from the checkpoint.
    if (job.signal.aborted && !job.cancelled.aborted) throw error;
    await discardModel(services, id, { card: { ...card, failure: toErrorData(error).message } }).catch(() => undefined);
    throw error;
  }
  return ended(services, proposed);
}

/** What it trained with goes when the model is proposed and not before: an end of the app in between would begin again, with other verdicts. */
async function ended(services: Services, record: ModelRecord): Promise<string> {
  await removeLesson(services, record.id);
  await rm(checkpointDirectory(services, record.id), { recursive: true, force: true });
  return outcomeOf(services, record);
}

async function makeLesson(
  services: Services,
  parent: KeyModel,
  { cut }: Material,
  signal: AbortSignal,
): Promise<Lesson> {
  const verdictNumber = await services.store.call('newest_verdict', undefined);
  const split = await labelledSplit(services, parent, signal);
  const threshold = await currentThreshold(services);
  const minScore = threshold?.score ?? 0;
  const replay = replaySequences(cut, parent.vocabulary, contextLengthOf(parent.card));
  // Where the key model alone would alert, by the same calibration.
  const { set, judges } = parent.detection;
  const bits = keyBitsAt(judges[parent.graph], set.ids, minScore, -1);
  return { split, replay, threshold: bits * Math.LN2, verdictNumber };
}

async function align(
  services: Services,
  input: { parent: KeyModel; directory: string; lesson: Lesson; seed: number; id: string },
  job: JobContext,
): Promise<AlignOutput> {
  const { parent, directory, lesson, seed, id } = input;
  const { store, host } = services;
  const { epochs, batchSequences, learningRate, leastSteps, temperature } = alignRecipe;
  const { rewards } = learningOf(await store.call('get_setting', { key: learningKey }));
  const { learned } = lesson.split;
  return runAligning(
    services,
    {
      directory,
      startWeights: join(modelDirectory(services, parent.id), 'weights.safetensors'),
      shape: shapeOf(parent),
      objective: {
        ...{ kind: 'verdicts', form: 'expected_reward', rewards, score: 'smooth_max', temperature, leastSteps },
        threshold: lesson.threshold,
        labelled: packSequences(learned.map(({ ids }) => ids)),
        isThreat: learned.map(({ isThreat }) => isThreat),
      },
      replay: packSequences(lesson.replay),
      ...{ epochs, batchSequences, seed, learningRate: learningRate.trainedHere },
      intraOpThreads: Math.max(1, host.cores),
      checkpoint: { directory: checkpointDirectory(services, id), everyMs: host.checkpointMs },
    },
    { job, share: training },
  );
}

/** As learning calibrates, on the same events held back; what detectors of lines learned is the parent's. */
async function calibrateAgain(
  services: Services,
  input: { parent: KeyModel; directory: string; material: Material; pages: TablePages[] | null },
  budgetScore: number,
  job: JobContext,
): Promise<{ files: ModelRecord['files'] } & Pick<Awaited<ReturnType<typeof calibrate>>, 'quantisation'>> {
  const { parent, directory, material, pages } = input;
  const { cut, formats, templates } = material;
  const carried = await carriedClassifier(services, parent, { directory, material, signal: job.signal });
  const calibrated = await calibrate(
    services.engine(),
    {
      ...{ directory, shape: shapeOf(parent), cut, vocabulary: parent.vocabulary, templates, keys: 'lines' },
      ...{ budgetScore, pages, formats, classifier: carried.classifier },
      lines: new LineScores({ store: services.store, engine: services.engine() }, parent.lines),
    },
    job.signal,
  );
  const files = await writeModelData(directory, calibrated, parent.tutorial?.data ?? null);
  return { files: [...files, ...carried.files], quantisation: calibrated.quantisation };
}

function shapeOf({ number, card }: KeyModel): KeyModelShape {
  if (card.shape) return card.shape;
  throw new AppError('CONFLICT', `Model m${number} only counts: it has no network that verdicts could change.`);
}

type GateParts = {
  parent: KeyModel;
  candidate: KeyModel;
  material: Material;
  pages: TablePages[] | null;
  split: LabelledSplit;
  aligned: AlignOutput;
  thresholds: { before: number; after: number };
  /** That the candidate would judge by. */
  version: TaughtVersion;
};

async function gate(services: Services, parts: GateParts, job: JobContext): Promise<Omit<GateReport, 'elapsedMs'>> {
  const { parent, candidate, material, pages, split, aligned, thresholds, version } = parts;
  const { host } = services;
  job.update({ step: 'comparing on normal events held out', share: 0.75 });
  const rows = {
    before: await heldRowsOf(services, parent, { material, pages }, job.signal),
    after: await heldRowsOf(services, candidate, { material, pages }, job.signal),
  };
  const startedAt = host.now();
  const judged = { at: startedAt, verdictNumber: await services.store.call('newest_verdict', undefined) };
  const gatherer = new DiffGatherer(thresholds);
  const isThreat = new Map(split.heldOut.map((one) => [one.alertNumber, one.isThreat]));
  const heldOut: HeldOutVerdict[] = [];
  let threats = 0;
  const replayed = await replayAlerts(services, candidate, {
    templates: material.templates,
    decidedOnly: false,
    version,
    signal: job.signal,
    onAlert: (one) => {
      gatherer.add(one);
      const { number, score, verdict } = one.alert;
      if (verdict === 'true_positive') threats++;
      const held = isThreat.get(number);
      // One that was taken back or decided otherwise since it was held out says nothing.
      if (held === undefined || verdict === null || !isOfClass(verdict)) return;
      if (held !== (verdict === 'true_positive')) return;
      heldOut.push({ isThreat: held, before: score >= thresholds.before, after: one.after >= thresholds.after });
    },
    onProgress: (done, of) =>
      job.update({
        step: `going through ${counted(of, 'stored alert')}`,
        share: replaying.from + ((replaying.to - replaying.from) * done) / Math.max(1, of),
      }),
  });
  const replay = gatherer.finish({ ...replayed, elapsedMs: host.now() - startedAt });
  return {
    learned: countClasses(split.learned),
    heldOut: countClasses(heldOut),
    leftOut: split.leftOut,
    isSplitByEntity: split.isByEntity,
    thresholdBefore: thresholds.before,
    thresholdAfter: thresholds.after,
    ...gateChecksOf({ heldOut, rows, lost: { count: replay.lost.count, of: threats } }),
    replay,
    epochs: aligned.epochs,
    keptEpoch: aligned.keptEpoch,
    heldOutAlerts: split.heldOut.map(({ alertNumber }) => alertNumber),
    judged,
  };
}

/** Of a retraining that has ended, now or before the app was last ended. */
async function outcomeOf(services: Services, { id, number, state, card }: ModelRecord): Promise<string> {
  const { failure, retrainedFrom } = card as ModelCard;
  if (state === 'failed') throw new AppError('CONFLICT', failure ?? 'It did not finish.');
  const own = (await services.store.call('list_retrainings', undefined)).find(({ modelId }) => modelId === id);
  const objections = own ? blockingOf(own.report) : [];
  const verdict =
    objections.length === 0
      ? 'The gate has nothing against it: adopt it, or discard it.'
      : `The gate is against it. ${objections.join(' ')}`;
  return `Model m${number} was retrained from m${retrainedFrom?.number ?? '?'} and is proposed. ${verdict}`;
}
