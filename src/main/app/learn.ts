/** @file The learn job: sources taken as normal become a trained, calibrated model with a threshold, in use when it is done. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Budget } from '../../shared/domain.ts';
import { AppError, toErrorData } from '../../shared/errors.ts';
import { connectPort } from '../../shared/port.ts';
import { keyTokens, packSequences } from '../../shared/sequences.ts';
import type { KeyModelShape, TrainerMethods, TrainOutput, TrainProgress } from '../../shared/trainerProtocol.ts';
import { coveredMs, defaultBudget, spreadBudget, thresholdMeaning } from '../detect/budget.ts';
import { fitCalibration } from '../detect/calibration.ts';
import { fitKinds, KindModel, type Kind } from '../detect/kinds.ts';
import { countKinds, cutRows, scoredSessions, sequencesOf, type Cuts } from '../learn/dataset.ts';
import { kindKey, readKeyTable, type KeyTable } from '../learn/keyTable.ts';
import { Vocabulary } from '../learn/vocabulary.ts';
import type { ModelRecord, TemplateRecord } from '../store/protocol.ts';
import type { JobContext } from './jobs.ts';
import { kindOf, surpriseOf, writeModelData, type ModelCard, type ModelData } from './keyModel.ts';
import { modelDirectory, type Services } from './services.ts';

/** Too short to hold anything back from. */
const minEvents = 40;
/** Calibration scores one unseen kind of line may contribute: an incident that repeats itself must not raise the threshold by its length. */
const maxScoresPerUnseenKind = 3;
const histogramBins = 40;

const training = { layers: 4, heads: 4, width: 64, contextLength: 64 };
const optimisation = { maxEpochs: 20, patience: 6, learningRate: 3e-3, unseenRate: 0.01 };

/** `modelId` is chosen when learning is asked for: a start of the app that finds the model goes on with it. */
export type LearnInput = {
  modelId: string;
  sourceIds: number[];
  budget?: Budget | undefined;
  seed?: number | undefined;
};

/** What is learned from: a table of events per source, however it was read. */
export type LearnTable = { name: string; table: KeyTable };

export async function learnFromSources(services: Services, input: LearnInput, job: JobContext): Promise<string> {
  const { store } = services;
  const sources = await store.call('list_sources', undefined);
  job.update({ step: 'reading events' });
  const tables: LearnTable[] = [];
  const intervals: { from: number; to: number }[] = [];
  for (const id of new Set(input.sourceIds)) {
    const source = sources.find((candidate) => candidate.id === id);
    if (!source) throw new AppError('NOT_FOUND', 'A log that was to be learned from is no longer there.');
    tables.push({ name: source.name, table: await readKeyTable(store, id, job.signal) });
    if (source.firstAt !== null && source.lastAt !== null) intervals.push({ from: source.firstAt, to: source.lastAt });
  }
  const lineCount = tables.reduce((sum, { table }) => sum + table.eventIds.length, 0);
  const durationMs = coveredMs(intervals);
  return learnFromTables(services, { ...input, tables, keys: 'lines', lineCount, durationMs }, job);
}

export async function learnFromTables(
  services: Services,
  input: LearnInput & { tables: LearnTable[]; keys: ModelCard['keys']; lineCount: number; durationMs: number | null },
  job: JobContext,
): Promise<string> {
  const { store, host } = services;
  const id = input.modelId;
  const before = (await store.call('list_models', undefined)).find((model) => model.id === id);
  if (before && before.state !== 'training') return outcomeOf(services, before);
  const cut = input.tables.map(({ table }) => ({ table, cuts: cutRows(table.eventIds.length) }));
  const eventCount = cut.reduce((sum, { table }) => sum + table.eventIds.length, 0);
  if (eventCount < minEvents) {
    throw new AppError(
      'BAD_INPUT',
      `There are only ${eventCount} events to learn from in ${input.tables.map(({ name }) => name).join(', ')}; at least ${minEvents} are needed, a day of log is better.`,
    );
  }
  const templates = new Map(
    (await store.call('list_templates', undefined)).map((template) => [template.index, template]),
  );
  const vocabulary = Vocabulary.fromCounts(countKinds(cut), (index) => templates.get(index)?.contentHash ?? '');
  const shape: KeyModelShape = { ...training, vocabularySize: vocabulary.size };
  const seed = input.seed ?? 1;
  const directory = modelDirectory(services, id);
  const card: ModelCard = {
    learnedFrom: input.tables.map(({ name }) => name).join(', '),
    keys: input.keys,
    lineCount: input.lineCount,
    sessionCount: cut.reduce((sum, { table }) => sum + table.sessions.ids.length, 0),
    eventKinds: vocabulary.entries.length,
    parameterCount: 0,
    trainingBits: null,
    validationBits: null,
    epochs: 0,
    elapsedMs: 0,
    seed,
    shape,
    durationMs: input.durationMs,
  };
  const record =
    before ??
    (await store.call('add_model', {
      id,
      state: 'training',
      createdAt: host.now(),
      directory: `models/${id}`,
      card,
      curve: [],
      files: [],
      actor: await services.actor(),
    }));
  const curve: TrainProgress[] = [];
  try {
    await mkdir(directory, { recursive: true });
    const output = await train(services, { modelId: id, directory, cut, vocabulary, shape, seed }, curve, job);
    job.update({ step: 'calibrating on what was held back', share: 0.95, remainingMs: null });
    const data = await calibrate(services, id, directory, shape, cut, vocabulary, templates, job.signal);
    job.update({ step: 'putting the model in use' });
    const dataFile = await writeModelData(directory, data);
    const finished: ModelCard = {
      ...card,
      parameterCount: output.parameterCount,
      trainingBits: output.trainingBits,
      validationBits: output.validationBits,
      epochs: output.epochs,
      elapsedMs: output.elapsedMs,
    };
    const indexes = Int32Array.from(new Set(vocabulary.entries.map((entry) => entry.templateIndex)));
    const actor = await services.actor();
    // By the thread that makes templates, in its turn: what is followed goes on with the frozen ones.
    await (await services.importer()).call('freeze', { indexes, actor });
    // The last moment to cancel: from here on the model is in use.
    if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    const spread = spreadBudget(input.budget ?? (await budgetOf(services)), input.lineCount, input.durationMs);
    const calibrationEvents = input.keys === 'sequences' ? data.sessionCalibration.count : data.calibration.count;
    const meaning = thresholdMeaning(spread, spread.score, calibrationEvents);
    await store.call('adopt_model', {
      id,
      card: finished,
      curve,
      files: [...output.files, dataFile],
      threshold: {
        modelId: id,
        score: spread.score,
        budgetScore: spread.score,
        reason: 'learned',
        budget: spread.budget,
        eventsPerPeriod: spread.eventsPerPeriod,
        calibrationEvents,
        meaning,
        createdAt: host.now(),
        verdictCount: 0,
      },
      actor,
    });
    return await outcomeOf(services, { ...record, state: 'kept', card: finished });
  } catch (error) {
    // The app closes: the next start goes on from the checkpoint.
    if (job.signal.aborted && !job.cancelled.aborted) throw error;
    await discard(services, id, { card: { ...card, failure: toErrorData(error).message }, curve }).catch(
      () => undefined,
    );
    throw error;
  }
}

/** Of a model that has ended learning, now or before the app was last ended. */
async function outcomeOf(services: Services, { id, number, state, card }: ModelRecord): Promise<string> {
  await rm(checkpointDirectory(services, id), { recursive: true, force: true });
  const { eventKinds, failure } = card as ModelCard;
  if (state === 'failed') throw new AppError('CONFLICT', failure ?? 'It did not finish learning.');
  const thresholds = await services.store.call('list_thresholds', { modelId: id });
  return `Model m${number} learned ${eventKinds} kinds of line. ${thresholds[0]?.meaning ?? ''}`;
}

function checkpointDirectory(services: Services, modelId: string): string {
  return join(modelDirectory(services, modelId), 'checkpoints');
}

/** How far training got: when its newest checkpoint was written. */
export async function learningPlace(services: Services, modelId: string): Promise<string> {
  const directory = checkpointDirectory(services, modelId);
  const names = await readdir(directory).catch(() => []);
  const times = names.map((name) => stat(join(directory, name)).then(({ mtimeMs }) => mtimeMs));
  return String(Math.max(0, ...(await Promise.all(times))));
}

/** A model that did not finish learning: its record says so, its files go. */
async function discard(
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
      await discard(services, id, { card: { ...card, failure: 'Surprisal ended while it learned.' } });
  }
}

type CutTable = { table: KeyTable; cuts: Cuts };

async function train(
  services: Services,
  input: {
    modelId: string;
    directory: string;
    cut: CutTable[];
    vocabulary: Vocabulary;
    shape: KeyModelShape;
    seed: number;
  },
  curve: TrainProgress[],
  job: JobContext,
): Promise<TrainOutput> {
  const { cut, vocabulary } = input;
  const sequences = cut.flatMap(({ table, cuts }) => sequencesOf(table, vocabulary, 0, cuts.trainingEnd));
  const validation = cut.flatMap(({ table, cuts }) =>
    sequencesOf(table, vocabulary, cuts.trainingEnd, cuts.validationEnd),
  );
  job.update({ step: 'starting the trainer', share: 0.05, lineCount: null, linesPerSecond: null });
  const trainer = services.host.startTrainer();
  const client = connectPort<TrainerMethods>(trainer.port, 'trainer');
  const onProgress = (progress: TrainProgress): void => {
    const last = curve.at(-1);
    if (last && last.epoch === progress.epoch && last.validationBits === progress.validationBits) curve.pop();
    curve.push(progress);
    const stepShare = (progress.epoch - 1 + progress.step / Math.max(1, progress.stepsPerEpoch)) / progress.maxEpochs;
    job.update({
      step: `training, epoch ${progress.epoch} of at most ${progress.maxEpochs}${beginningOf(progress)}`,
      share: 0.05 + 0.9 * Math.min(1, stepShare),
      remainingMs: stepShare > 0.02 ? (progress.elapsedMs / stepShare) * (1 - stepShare) : null,
      training: progress,
    });
  };
  try {
    return await client.call(
      'train',
      {
        directory: input.directory,
        training: packSequences(sequences),
        validation: packSequences(validation),
        shape: input.shape,
        seed: input.seed,
        ...optimisation,
        intraOpThreads: Math.max(1, services.host.cores),
        checkpoint: { directory: checkpointDirectory(services, input.modelId), everyMs: services.host.checkpointMs },
      },
      { signal: job.signal, onProgress },
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'PROCESS_GONE') throw error;
    throw new AppError(
      'PROCESS_GONE',
      `${error.message}. Nothing was learned; learn again. If it ends again, this machine may be short of memory.`,
      { cause: error },
    );
  } finally {
    await trainer.kill();
  }
}

/** Where the run began, if that was not at its beginning or should not have been. */
function beginningOf({ resumedFromStep, refusedCheckpoints }: TrainProgress): string {
  if (resumedFromStep !== null) return `, went on from step ${resumedFromStep}`;
  return refusedCheckpoints > 0 ? ', begun again: what was left of it did not fit' : '';
}

/** Scores the sessions held back, in their whole context, and fits what turns bits into p-values. */
async function calibrate(
  services: Services,
  modelId: string,
  directory: string,
  shape: KeyModelShape,
  cut: CutTable[],
  vocabulary: Vocabulary,
  templates: ReadonlyMap<number, TemplateRecord>,
  signal: AbortSignal,
): Promise<ModelData> {
  await services.engine().call('load', { modelId, directory, shape });
  const known = vocabulary.entries.map((entry) => kindOf(templates.get(entry.templateIndex), entry.severity));
  // The held-back part is scored by what training knew, or its own new kinds would look expected.
  const model = { id: modelId, kinds: new KindModel(fitKinds(known)) };
  const eventScores: number[] = [];
  const sessionScores: number[] = [];
  const perKind = new Map<number, number>();
  for (const { table, cuts } of cut) {
    const held = [...scoredSessions(table, vocabulary)].filter(({ rows }) => (rows.at(-1) ?? 0) >= cuts.validationEnd);
    const packed = packSequences(held.map(({ ids }) => ids));
    const rowAt = (sequence: number, position: number): number => held[sequence]?.rows[position - 1] ?? 0;
    const bits = await surpriseOf(
      services.engine(),
      model,
      packed,
      (sequence, position) => {
        const row = rowAt(sequence, position);
        return kindOf(templates.get(table.templateIndexes[row] ?? 0), table.severities[row] ?? -1);
      },
      signal,
    );
    held.forEach(({ ids, rows, hasEnd }, sequence) => {
      const start = packed.offsets[sequence] ?? 0;
      let largest = 0;
      rows.forEach((row, index) => {
        if (row < cuts.validationEnd) return;
        let value = bits[start + index + 1] ?? 0;
        if (hasEnd && index === rows.length - 1) value = Math.max(value, bits[start + ids.length - 1] ?? 0);
        largest = Math.max(largest, value);
        if (ids[index + 1] === keyTokens.unseen) {
          const template = table.templateIndexes[row] ?? 0;
          const seen = perKind.get(template) ?? 0;
          perKind.set(template, seen + 1);
          if (seen >= maxScoresPerUnseenKind) return;
        }
        eventScores.push(value);
      });
      sessionScores.push(largest);
    });
  }
  const calibration = fitCalibration(Float64Array.from(eventScores));
  return {
    vocabulary: [...vocabulary.entries],
    kinds: fitKinds(known, heldBackKinds(cut, vocabulary, templates)),
    calibration,
    sessionCalibration: fitCalibration(Float64Array.from(sessionScores)),
    histogram: histogramOf(eventScores),
  };
}

/** Kinds that came only after the training part, with how often: not surprising for being new any more. */
function heldBackKinds(
  cut: readonly CutTable[],
  vocabulary: Vocabulary,
  templates: ReadonlyMap<number, TemplateRecord>,
): { kind: Kind; events: number }[] {
  const found = new Map<number, { kind: Kind; events: number }>();
  for (const { table, cuts } of cut) {
    for (let row = cuts.trainingEnd; row < table.eventIds.length; row++) {
      const templateIndex = table.templateIndexes[row] ?? 0;
      const severity = table.severities[row] ?? -1;
      if (vocabulary.idOf(templateIndex, severity) !== keyTokens.unseen) continue;
      const key = kindKey(templateIndex, severity);
      const entry = found.get(key) ?? { kind: kindOf(templates.get(templateIndex), severity), events: 0 };
      entry.events++;
      found.set(key, entry);
    }
  }
  return [...found.values()];
}

function histogramOf(scores: readonly number[]): { binBits: number; counts: number[] } {
  const largest = scores.reduce((max, score) => Math.max(max, score), 1);
  const binBits = Math.max(0.25, Math.ceil((largest / histogramBins) * 4) / 4);
  const counts = new Array<number>(Math.ceil(largest / binBits) + 1).fill(0);
  for (const score of scores) counts[Math.floor(score / binBits)] = (counts[Math.floor(score / binBits)] ?? 0) + 1;
  return { binBits, counts };
}

export async function budgetOf(services: Services): Promise<Budget> {
  const budget = await services.store.call('get_setting', { key: 'budget' });
  return (budget as Budget | null | undefined) ?? defaultBudget;
}
