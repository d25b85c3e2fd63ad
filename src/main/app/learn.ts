/** @file Learning kinds of line: sources taken as normal become a trained, calibrated model with a threshold, in use when it is done or kept. */
import { mkdir, rm } from 'node:fs/promises';
import type { Budget } from '../../shared/thresholds.ts';
import type { KeyModelSize } from '../../shared/models.ts';
import type { Preset } from '../../shared/presets.ts';
import { AppError, toErrorData } from '../../shared/errors.ts';
import type { SourceFormat } from '../../shared/lines.ts';
import type { TrainInput, TrainProgress, TrainProvider } from '../../shared/trainerProtocol.ts';
import { coveredMs, spreadBudget, thresholdMeaning } from '../detect/budget.ts';
import { countKinds, cutRows, type CutTable } from '../learn/dataset.ts';
import { doubtOf, doubtOfLines, noDoubt } from '../learn/doubt.ts';
import { readKeyTable, type KeyTable } from '../learn/keyTable.ts';
import { Vocabulary } from '../learn/vocabulary.ts';
import type { ModelRecord } from '../store/protocol/models.ts';
import { calibrate } from './calibrate.ts';
import { ruleThreshold } from './detection/byPreset.ts';
import { linesOf, pagesOf, tutorialOf } from './detection/learnFrom.ts';
import { chosenReader } from './detection/lineModels.ts';
import type { JobContext } from './jobs.ts';
import { writeModelData, type ModelCard } from './keyModel.ts';
import { checkWhatIsLeft, keepAlerts, leftOutOf, leftOutText, standingAlerts } from './leftOut.ts';
import { checkpointDirectory, discardModel } from './modelFolders.ts';
import { checkPreset } from './presets.ts';
import { modelDirectory, type Services } from './services.ts';
import { budgetOf, chosenPreset } from './settings.ts';
import { keyTrainingData } from './training/keyTrainingData.ts';
import { runTraining } from './training/runTraining.ts';

/** Too short to hold anything back from. */
const minEvents = 40;

/** `modelId` is chosen when learning is asked for: a start of the app that finds the model goes on with it. */
export type LearnInput = {
  modelId: string;
  sourceIds: number[];
  budget?: Budget | undefined;
  seed?: number | undefined;
  /** `key_s` where it is left out. */
  size?: KeyModelSize | undefined;
  maxEpochs?: number | undefined;
  provider?: TrainProvider | undefined;
  /** The model is not put in use: somebody compares it first. */
  isKept?: boolean | undefined;
  /** Nothing is trained: n-grams, new kinds, counts and what else needs no network judge. */
  countsOnly?: boolean | undefined;
  /** The one that is chosen where it is left out. */
  preset?: Preset | undefined;
};

/** What is learned from: a table of events per source, however it was read. */
export type LearnTable = { sourceId: number; name: string; format: SourceFormat; table: KeyTable };

export async function learnFromSources(services: Services, input: LearnInput, job: JobContext): Promise<string> {
  const { store } = services;
  const sources = await store.call('list_sources', undefined);
  job.update({ step: 'reading events' });
  const tables: LearnTable[] = [];
  const intervals: { from: number; to: number }[] = [];
  for (const id of new Set(input.sourceIds)) {
    const source = sources.find((candidate) => candidate.id === id);
    if (!source) throw new AppError('NOT_FOUND', 'A log that was to be learned from is no longer there.');
    const { name, format } = source;
    tables.push({ sourceId: id, name, format, table: await readKeyTable(store, id, job.signal) });
    if (source.firstAt !== null && source.lastAt !== null) intervals.push({ from: source.firstAt, to: source.lastAt });
  }
  const lineCount = tables.reduce((sum, { table }) => sum + table.eventIds.length, 0);
  const data = { tables, keys: 'lines', lineCount, durationMs: coveredMs(intervals), span: spanOf(intervals) } as const;
  return learnFromTables(services, { ...input, ...data }, job);
}

type Span = { firstAt: number | null; lastAt: number | null };

function spanOf(intervals: readonly { from: number; to: number }[]): Span {
  if (intervals.length === 0) return { firstAt: null, lastAt: null };
  return {
    firstAt: Math.min(...intervals.map(({ from }) => from)),
    lastAt: Math.max(...intervals.map(({ to }) => to)),
  };
}

export async function learnFromTables(
  services: Services,
  input: LearnInput & {
    tables: LearnTable[];
    keys: ModelCard['keys'];
    lineCount: number;
    durationMs: number | null;
    span: Span;
  },
  job: JobContext,
): Promise<string> {
  const { store, host } = services;
  const id = input.modelId;
  const before = (await store.call('list_models', undefined)).find((model) => model.id === id);
  if (before && before.state !== 'training') return outcomeOf(services, before);
  const sourceIds = input.tables.map(({ sourceId }) => sourceId);
  const alerts = await standingAlerts(services, { modelId: id, sourceIds }, job.signal);
  const cut = input.tables.map(({ table }, index): CutTable => {
    const own = alerts.sources[index];
    const doubtIn = input.keys === 'lines' ? doubtOf : doubtOfLines;
    const doubt = own ? doubtIn(table, own, alerts.shownFrom) : noDoubt(table.eventIds.length);
    return { table, cuts: cutRows(table.eventIds.length), doubt };
  });
  const eventCount = cut.reduce((sum, { table }) => sum + table.eventIds.length, 0);
  if (eventCount < minEvents) {
    throw new AppError(
      'BAD_INPUT',
      `There are only ${eventCount} events to learn from in ${input.tables.map(({ name }) => name).join(', ')}; at least ${minEvents} are needed, a day of log is better.`,
    );
  }
  const leftOut = leftOutOf(cut.map(({ doubt }) => doubt));
  checkWhatIsLeft(cut, minEvents, leftOut);
  // A text model that cannot read lines is told of now, and not when training is over.
  if (input.keys === 'lines') await chosenReader(services, 'lines', job.signal);
  const { countsOnly = false, preset = await chosenPreset(services) } = input;
  await checkPreset(services, preset, { keys: input.keys, countsOnly });
  const windowModel = preset.kind === 'tutorial' ? await chosenReader(services, 'windows', job.signal) : null;
  const templates = new Map(
    (await store.call('list_templates', undefined)).map((template) => [template.index, template]),
  );
  const vocabulary = Vocabulary.fromCounts(countKinds(cut), (index) => templates.get(index)?.contentHash ?? '');
  const { size = 'key_s', seed = 1, provider = 'cpu', maxEpochs } = input;
  const data = keyTrainingData({ cut, vocabulary, size, seed, provider, maxEpochs });
  const shape = countsOnly ? null : data.shape;
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
    ...input.span,
    ...(countsOnly ? {} : { provider }),
    ...(leftOut ? { leftOut } : {}),
    ...(input.keys === 'lines' ? { learnedLogs: learnedLogsOf(input.tables) } : {}),
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
  let learned: ModelRecord;
  try {
    await mkdir(directory, { recursive: true });
    await keepAlerts(services, id, alerts);
    const trainInput: TrainInput = {
      ...data,
      intraOpThreads: Math.max(1, host.cores),
      directory,
      checkpoint: { directory: checkpointDirectory(services, id), everyMs: host.checkpointMs },
    };
    const output = countsOnly
      ? null
      : await runTraining(services, (trainer, options) => trainer.call('train', trainInput, options), {
          job,
          curve,
          share: { from: 0.05, to: 0.95 },
        });
    job.update({ step: 'calibrating on what was held back', share: 0.95, remainingMs: null });
    const spread = spreadBudget(input.budget ?? (await budgetOf(services)), input.lineCount, input.durationMs);
    const pages = await pagesOf(services, input, cut, job.signal);
    const lines = await linesOf(services, cut, pages ?? [], job.signal);
    const formats = input.tables.map(({ format }) => format);
    const calibrated = await calibrate(
      services.engine(),
      {
        directory,
        shape,
        cut,
        vocabulary,
        templates,
        keys: input.keys,
        budgetScore: spread.score,
        pages,
        lines,
        formats,
      },
      job.signal,
    );
    job.update({ step: input.isKept ? 'keeping the model' : 'putting the model in use' });
    const tutorial = windowModel && (await tutorialOf(services, windowModel, cut, seed, job));
    const dataFiles = await writeModelData(directory, calibrated, tutorial);
    const { data: calibrations, quantisation } = calibrated;
    const finished: ModelCard = {
      ...card,
      ...(output
        ? {
            parameterCount: output.parameterCount,
            trainingBits: output.trainingBits,
            validationBits: output.validationBits,
            epochs: output.epochs,
            elapsedMs: output.elapsedMs,
            // Where it ended: a run whose GPU failed went on on the CPU.
            provider: curve.at(-1)?.provider ?? provider,
          }
        : {}),
      ...(quantisation ? { quantisation } : {}),
    };
    const indexes = Int32Array.from(new Set(vocabulary.entries.map((entry) => entry.templateIndex)));
    const actor = await services.actor();
    // By the thread that makes templates, in its turn: what is followed goes on with the frozen ones.
    await (await services.importer()).call('freeze', { indexes, actor });
    // The last moment to cancel: from here on the model is in use.
    if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    const pooled = calibrations.fusion?.second.pooled.count ?? 0;
    const used = quantisation?.isUsed ? (calibrations.int8 ?? calibrations) : calibrations;
    const { score, calibrationEvents, meaning } =
      preset.kind === 'budget'
        ? {
            score: spread.score,
            calibrationEvents: pooled,
            meaning: thresholdMeaning(spread, spread.score, pooled),
          }
        : ruleThreshold({ card: finished, calibrations: used, kinds: vocabulary.entries.length, tutorial }, preset);
    await store.call('adopt_model', {
      id,
      card: finished,
      curve,
      files: [...(output?.files ?? []), ...dataFiles],
      isUsed: !input.isKept,
      threshold: {
        modelId: id,
        score,
        budgetScore: spread.score,
        reason: 'learned',
        preset,
        budget: spread.budget,
        eventsPerPeriod: spread.eventsPerPeriod,
        calibrationEvents,
        meaning,
        createdAt: host.now(),
        verdictCount: 0,
      },
      actor,
    });
    learned = { ...record, state: input.isKept ? 'kept' : 'in_use', card: finished };
  } catch (error) {
    // The app closes: the next start goes on from the checkpoint.
    if (job.signal.aborted && !job.cancelled.aborted) throw error;
    await discardModel(services, id, { card: { ...card, failure: toErrorData(error).message }, curve }).catch(
      () => undefined,
    );
    throw error;
  }
  return outcomeOf(services, learned);
}

/** The logs in the order of the tables. */
function learnedLogsOf(tables: readonly LearnTable[]) {
  return tables.map(({ sourceId, table }) => ({ sourceId, eventCount: table.eventIds.length }));
}

/** Of a model that has ended learning, now or before the app was last ended. */
async function outcomeOf(services: Services, { id, number, state, card }: ModelRecord): Promise<string> {
  await rm(checkpointDirectory(services, id), { recursive: true, force: true });
  const { eventKinds, failure, leftOut } = card as ModelCard;
  if (state === 'failed') throw new AppError('CONFLICT', failure ?? 'It did not finish learning.');
  const thresholds = await services.store.call('list_thresholds', { modelId: id });
  const use = state === 'in_use' ? (thresholds[0]?.meaning ?? '') : 'It is kept, and not in use until you say so.';
  return `Model m${number} learned ${eventKinds} kinds of line. ${use}${leftOut ? ` ${leftOutText(leftOut)}` : ''}`;
}
