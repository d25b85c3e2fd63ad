/**
 * @file Training a text model: masked lines of the logs, or windows of lines as the tutorial has them, over a tokenizer that is trained first or that of the model it begins with, to a model
 * of its own in the registry. Goes on where it was cut off: what was made of it lies in the model's folder.
 */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelPlan } from '../../../shared/models.ts';
import { AppError, toErrorData } from '../../../shared/errors.ts';
import {
  fullFineTuning,
  loraFineTuning,
  textModelShape,
  textTraining,
  textTokenizer,
  windowSample,
  windowTextShape,
  windowTraining,
} from '../../../shared/recipes.ts';
import { packSequences } from '../../../shared/sequences.ts';
import type { TextReads, TextStart, TrainTextInput } from '../../../shared/textModels.ts';
import type { TrainProgress, TrainProvider } from '../../../shared/trainerProtocol.ts';
import { cutRows } from '../../learn/dataset.ts';
import { doubtOf, noDoubt } from '../../learn/doubt.ts';
import { firstRows, readKeyTable } from '../../learn/keyTable.ts';
import type { ModelRecord } from '../../store/protocol/models.ts';
import { structureNames, textTokenNames } from '../../text/textTokens.ts';
import type { JobContext } from '../jobs.ts';
import {
  checkWhatIsLeft,
  keepAlerts,
  leftOutOf,
  leftOutText,
  standingAlerts,
  type StandingAlerts,
} from '../leftOut.ts';
import { checkpointDirectory, discardModel } from '../modelFolders.ts';
import { modelDirectory, type Services } from '../services.ts';
import { isTextCard, type TrainedTextCard } from '../textModelCard.ts';
import { freeName, openTextModel, withTrainer } from '../textModels.ts';
import { counted } from '../words.ts';
import { runTraining } from './runTraining.ts';
import { withTextData, type TextDataMethods, type TextSource } from './textData.ts';

export type TextPlan = Exclude<ModelPlan, { kind: 'keys' }>;

/** `modelId` is chosen when training is asked for: a start of the app that finds the model goes on with it. */
export type TrainTextJob = {
  modelId: string;
  sourceIds: number[];
  plan: TextPlan;
  maxEpochs?: number | undefined;
  seed?: number | undefined;
  provider: TrainProvider;
};

/** Fewer lines teach nothing. Of windows there must be some in the part that stops training, too. */
const minLines: Record<TextReads, number> = { lines: 40, windows: 200 };

export async function trainText(services: Services, input: TrainTextJob, job: JobContext): Promise<string> {
  const { store, host } = services;
  const { modelId: id, plan } = input;
  job.update({ step: 'reading the logs' });
  const before = (await store.call('list_models', undefined)).find((model) => model.id === id);
  if (before && before.state !== 'training') return ended(services, before);
  const all = await textSources(services, input.sourceIds, plan.reads);
  const alerts = await standingAlerts(
    services,
    { modelId: id, sourceIds: all.map(({ sourceId }) => sourceId) },
    job.signal,
  );
  const sources = await withDoubt(services, all, alerts, job.signal);
  const underAlerts = leftOutOf(sources.map(({ doubt }) => doubt));
  checkWhatIsLeft(sources, minLines[plan.reads], underAlerts);
  const card = before ? (before.card as TrainedTextCard) : await newCard(services, input, sources);
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
  let trained: ModelRecord;
  try {
    const directory = modelDirectory(services, id);
    const tokenizerDirectory = tokenizerOf(services, id);
    await mkdir(tokenizerDirectory, { recursive: true });
    await keepAlerts(services, id, alerts);
    const stride = windowStride(sources);
    const { data, start } = await prepareText(services, { plan, sources, stride, tokenizerDirectory }, job);
    const { leftOut, ...sequences } = data;
    const trainInput: TrainTextInput = {
      ...textTrainingInput({ ...input, start }),
      ...sequences,
      intraOpThreads: Math.max(1, host.cores),
      directory,
      checkpoint: { directory: checkpointDirectory(services, id), everyMs: host.checkpointMs },
    };
    const output = await runTraining(services, (trainer, options) => trainer.call('train_text', trainInput, options), {
      job,
      curve,
      share: { from: 0.1, to: 0.95 },
    });
    job.update({ step: 'trying the model', share: 0.95, remainingMs: null });
    await services.engine().call('score_text', { directory, sequences: packSequences([[0, 1]]) });
    if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
    const { shape, parameterCount, trainingBits, validationBits, epochs, elapsedMs, files } = output;
    const provider = curve.at(-1)?.provider ?? input.provider;
    const figures = { shape, parameterCount, trainingBits, validationBits, epochs, elapsedMs, provider };
    const finished = {
      ...{ ...card, ...figures, linesLeftOut: leftOut },
      ...(underAlerts ? { leftOut: underAlerts } : {}),
    };
    await store.call('update_model', {
      id,
      state: 'kept',
      card: finished,
      curve,
      files,
      actor: await services.actor(),
    });
    trained = { ...record, state: 'kept', card: finished };
  } catch (error) {
    // The app closes: the next start goes on from the checkpoint.
    if (job.signal.aborted && !job.cancelled.aborted) throw error;
    const reached = { card: { ...card, failure: toErrorData(error).message }, curve };
    await discardModel(services, id, reached).catch(() => undefined);
    throw error;
  }
  return ended(services, trained);
}

/** Throws NOT_FOUND for a log that is gone, BAD_INPUT where there is too little in all of them. */
export async function textSources(services: Services, ids: readonly number[], reads: TextReads): Promise<TextSource[]> {
  const all = await services.store.call('list_sources', undefined);
  const sources = [...new Set(ids)].map((id): TextSource => {
    const source = all.find((candidate) => candidate.id === id);
    if (!source) throw new AppError('NOT_FOUND', 'A log that was to be learned from is no longer there.');
    if (source.format === 'sequences')
      throw new AppError('BAD_INPUT', `${source.name} holds event ids and no text. Train a text model on a log.`);
    const { eventCount: rowCount, format, assumption } = source;
    return { sourceId: id, format, assumption, rowCount, cuts: cutRows(rowCount), doubt: noDoubt(rowCount) };
  });
  const lines = sources.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const least = minLines[reads];
  if (lines < least)
    throw new AppError('BAD_INPUT', `There are only ${lines} lines to learn from; at least ${least} are needed.`);
  return sources;
}

/** Of logs without alerts nothing is looked at. */
async function withDoubt(
  { store }: Services,
  sources: readonly TextSource[],
  alerts: StandingAlerts,
  signal: AbortSignal,
): Promise<TextSource[]> {
  const found: TextSource[] = [];
  for (const [index, source] of sources.entries()) {
    const { sourceId, rowCount } = source;
    const own = alerts.sources[index];
    if (!own || own.eventIds.length === 0) found.push(source);
    else {
      const table = firstRows(await readKeyTable(store, sourceId, signal, rowCount), rowCount);
      found.push({ ...source, doubt: doubtOf(table, own, alerts.shownFrom) });
    }
  }
  return found;
}

/** How far apart windows are taken for training, so that they are not more than are affordable. */
export function windowStride(sources: readonly TextSource[]): number {
  const lines = sources.reduce((sum, { cuts }) => sum + cuts.trainingEnd, 0);
  return Math.max(windowSample.leastStride, Math.ceil(lines / windowSample.most));
}

/** What training begins with, and its data as token ids. The tokenizer of a new model is trained into `tokenizerDirectory`, once. */
export async function prepareText(
  services: Services,
  input: { plan: TextPlan; sources: TextSource[]; stride: number; tokenizerDirectory: string },
  job: Pick<JobContext, 'signal' | 'update'>,
): Promise<{ start: TextStart; data: TextDataMethods['encode']['output'] }> {
  const { plan, sources, stride, tokenizerDirectory } = input;
  const { reads } = plan;
  const { signal } = job;
  const rowCount = sources.reduce((sum, source) => sum + source.rowCount, 0);
  const onProgress =
    (step: string) =>
    ({ rows }: { rows: number }): void =>
      job.update({ step, lineCount: rows, share: (0.05 * rows) / rowCount });
  return withTextData(services, async (textData) => {
    const start = await startOf(services, plan, tokenizerDirectory, signal);
    if (start.kind === 'new' && !(await stat(join(tokenizerDirectory, 'tokenizer.json')).catch(() => undefined))) {
      const counting = { signal, onProgress: onProgress('counting words') };
      const { words } = await textData.call('count_words', { sources, reads }, counting);
      job.update({ step: 'learning pieces of words', share: 0.05 });
      const { begin, end, padding, separator } = structureNames;
      const namedTokens = textTokenNames;
      const training = { directory: tokenizerDirectory, words, namedTokens, ...textTokenizer };
      await withTrainer(services, (trainer) =>
        trainer.call('train_tokenizer', { ...training, roles: { begin, end, padding, separator } }, { signal }),
      );
    }
    const folder = start.kind === 'new' ? tokenizerDirectory : start.directory;
    const reading = { signal, onProgress: onProgress('reading lines as the model does') };
    const asked = { sources, reads, stride, tokenizerDirectory: folder };
    const data = await textData.call('encode', asked, reading);
    return { start, data };
  });
}

async function startOf(
  services: Services,
  plan: TextPlan,
  tokenizerDirectory: string,
  signal: AbortSignal,
): Promise<TextStart> {
  const shape = plan.reads === 'windows' ? windowTextShape : textModelShape;
  if (plan.kind === 'text') return { kind: 'new', tokenizerDirectory, shape };
  const { directory } = await openTextModel(services, plan.parentId, signal);
  return { kind: 'model', directory };
}

/** How the plan is trained: its recipe, and what was asked for instead. */
export function textTrainingInput(input: Omit<TrainTextJob, 'modelId' | 'sourceIds'> & { start: TextStart }) {
  const { plan, start, provider, seed = 1, maxEpochs } = input;
  const recipe =
    plan.kind === 'text'
      ? { lines: textTraining, windows: windowTraining }[plan.reads]
      : plan.method === 'lora'
        ? loraFineTuning
        : fullFineTuning;
  return { ...recipe, start, provider, seed, maxEpochs: maxEpochs ?? recipe.maxEpochs };
}

/** Throws BAD_INPUT or CONFLICT for the name, NOT_FOUND for the parent. */
export async function checkTextPlan(services: Services, plan: TextPlan): Promise<void> {
  await freeName(services, plan.name);
  if (plan.kind === 'fine_tune') await parentOf(services, plan.parentId);
}

async function newCard(
  services: Services,
  { plan, seed = 1, provider }: TrainTextJob,
  sources: readonly TextSource[],
): Promise<TrainedTextCard> {
  const all = await services.store.call('list_sources', undefined);
  const chosen = sources.flatMap(({ sourceId }) => all.find(({ id }) => id === sourceId) ?? []);
  const times = chosen.flatMap(({ firstAt, lastAt }) => (firstAt === null || lastAt === null ? [] : [firstAt, lastAt]));
  return {
    kind: 'text',
    name: await freeName(services, plan.name),
    origin: plan.kind === 'text' ? 'trained' : plan.method,
    parent: plan.kind === 'text' ? null : await parentOf(services, plan.parentId),
    reads: plan.reads,
    learnedFrom: chosen.map(({ name }) => name).join(', '),
    lineCount: sources.reduce((sum, { rowCount }) => sum + rowCount, 0),
    linesLeftOut: 0,
    firstAt: times.length > 0 ? Math.min(...times) : null,
    lastAt: times.length > 0 ? Math.max(...times) : null,
    trainingBits: null,
    validationBits: null,
    epochs: 0,
    elapsedMs: 0,
    provider,
    shape: null,
    parameterCount: 0,
    seed,
  };
}

async function parentOf(services: Services, parentId: string): Promise<{ id: string; name: string }> {
  const record = (await services.store.call('list_models', undefined)).find(({ id }) => id === parentId);
  if (!record || !isTextCard(record.card))
    throw new AppError('NOT_FOUND', 'The text model that was to be fine-tuned is no longer there.');
  return { id: record.id, name: record.card.name };
}

/** What training has made of a model, now or before the app was last ended. What it needed on the way goes. */
async function ended(services: Services, { id, number, state, card }: ModelRecord): Promise<string> {
  const { name, reads = 'lines', validationBits, epochs, linesLeftOut, leftOut, failure } = card as TrainedTextCard;
  if (state === 'failed') throw new AppError('CONFLICT', failure ?? 'It did not finish training.');
  for (const folder of [checkpointDirectory(services, id), tokenizerOf(services, id)])
    await rm(folder, { recursive: true, force: true });
  const bits = validationBits === null ? '' : ` ${validationBits.toFixed(2)} bits per token on ${reads} held back.`;
  const left =
    linesLeftOut > 0 ? ` ${counted(linesLeftOut, reads.slice(0, -1))} were left out: too many are distinct.` : '';
  const doubt = leftOut ? ` ${leftOutText(leftOut)}` : '';
  return `Text model m${number}, ${name}, is trained: ${counted(epochs, 'epoch')}.${bits}${left}${doubt}`;
}

/** Of a new model, while it is trained. */
function tokenizerOf(services: Services, modelId: string): string {
  return join(modelDirectory(services, modelId), 'tokenizer');
}
