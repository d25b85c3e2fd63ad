/** @file What training would take: the beginning of the logs is read, a few steps of the training itself are done in a process of their own, and thrown away. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import type { ModelPlan, TrainingEstimate } from '../../../shared/models.ts';
import type { EngineReport } from '../../../shared/engineReport.ts';
import { AppError } from '../../../shared/errors.ts';
import { keyTraining } from '../../../shared/recipes.ts';
import type { TrainingTrial, TrainProvider } from '../../../shared/trainerProtocol.ts';
import { cutRows } from '../../learn/dataset.ts';
import { noDoubt } from '../../learn/doubt.ts';
import { readKeyTable } from '../../learn/keyTable.ts';
import { keyTrainingData } from './keyTrainingData.ts';
import { incomingDirectory, type Services } from '../services.ts';
import { withTrainer } from '../textModels.ts';
import { prepareText, textSources, textTrainingInput, windowStride, type TextPlan } from './trainText.ts';

export type TrainingPlan = {
  sourceIds: number[];
  plan: ModelPlan;
  maxEpochs?: number | undefined;
  seed?: number | undefined;
  provider: TrainProvider;
};

/** Of each log: more would only repeat what they say. Text has to be read and masked. */
const sampledRows = { keys: 200_000, text: 20_000 };
/** A checkpoint holds parameters, two moments and the best parameters; two are kept while a third is written. */
const bytesPerTrained = 4 * 4 * 3;
/** And the model itself. */
const bytesPerParameter = 4;

/** Throws BAD_INPUT where there is too little to learn from, NOT_FOUND for a log or a parent that is gone. */
export async function estimateTraining(services: Services, asked: TrainingPlan): Promise<TrainingEstimate> {
  const { plan } = asked;
  const { trial, events, sampled, maxEpochs } =
    plan.kind === 'keys' ? await tryKeys(services, asked, plan.size) : await tryText(services, asked, plan);
  const tokensPerEpoch = Math.round((trial.tokensPerEpoch * events) / Math.max(1, sampled));
  const freeBytes = freemem();
  return {
    events,
    tokensPerEpoch,
    tokensPerSecond: trial.tokensPerSecond,
    maxEpochs,
    atMostMs: (1000 * tokensPerEpoch * maxEpochs) / Math.max(1, trial.tokensPerSecond),
    peakBytes: trial.peakBytes,
    freeBytes,
    diskBytes: bytesPerTrained * trial.trainedParameterCount + bytesPerParameter * trial.parameterCount,
    parameterCount: trial.parameterCount,
    trainedParameterCount: trial.trainedParameterCount,
    provider: trial.provider,
    warning: warningOf(trial, freeBytes),
  };
}

type Tried = { trial: TrainingTrial; events: number; sampled: number; maxEpochs: number };

async function tryKeys(
  services: Services,
  { sourceIds, seed = 1, provider, maxEpochs = keyTraining.maxEpochs }: TrainingPlan,
  size: Extract<ModelPlan, { kind: 'keys' }>['size'],
): Promise<Tried> {
  const { signal } = new AbortController();
  const cut = [];
  for (const id of new Set(sourceIds)) {
    const table = await readKeyTable(services.store, id, signal, sampledRows.keys);
    cut.push({ table, cuts: cutRows(table.eventIds.length), doubt: noDoubt(table.eventIds.length) });
  }
  const sampled = cut.reduce((sum, { table }) => sum + table.eventIds.length, 0);
  const sources = await services.store.call('list_sources', undefined);
  const events = sources.reduce((sum, { id, eventCount }) => sum + (sourceIds.includes(id) ? eventCount : 0), 0);
  if (sampled === 0) throw new AppError('BAD_INPUT', 'There are no events to learn from in these logs.');
  const input = keyTrainingData({ cut, size, seed, provider, maxEpochs });
  const intraOpThreads = Math.max(1, services.host.cores);
  const trial = await withTrainer(services, (trainer) => trainer.call('try_training', { ...input, intraOpThreads }));
  return { trial, events, sampled, maxEpochs };
}

async function tryText(services: Services, asked: TrainingPlan, plan: TextPlan): Promise<Tried> {
  const sources = await textSources(services, asked.sourceIds, plan.reads);
  const events = sources.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const beginnings = sources.map((source) => {
    const rowCount = Math.min(sampledRows.text, source.rowCount);
    return { ...source, rowCount, cuts: cutRows(rowCount) };
  });
  const sampled = beginnings.reduce((sum, { rowCount }) => sum + rowCount, 0);
  await mkdir(incomingDirectory(services), { recursive: true });
  const tokenizerDirectory = await mkdtemp(join(incomingDirectory(services), 'estimate-'));
  try {
    const job = { signal: new AbortController().signal, update: () => undefined };
    // As far apart as in the whole: the rest of the log has as many more.
    const read = { plan, sources: beginnings, stride: windowStride(sources), tokenizerDirectory };
    const { data, start } = await prepareText(services, read, job);
    const { leftOut: _leftOut, ...sequences } = data;
    const input = textTrainingInput({ ...asked, plan, start });
    const trial = await withTrainer(services, (trainer) =>
      trainer.call('try_text_training', {
        ...input,
        ...sequences,
        intraOpThreads: Math.max(1, services.host.cores),
      }),
    );
    return { trial, events, sampled, maxEpochs: input.maxEpochs };
  } finally {
    await rm(tokenizerDirectory, { recursive: true, force: true });
  }
}

function warningOf({ peakBytes, providerFailure }: TrainingTrial, freeBytes: number): string | null {
  if (providerFailure !== null) return `The GPU does not train this model: ${providerFailure}. The CPU would.`;
  if (peakBytes > freeBytes)
    return `It needs ${gigabytes(peakBytes)} GB of memory and ${gigabytes(freeBytes)} GB are free: close other programs first.`;
  return null;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

/** Scoring was tried on WebGPU, agreed with the CPU and was faster: so training goes there. Else the CPU. */
export function trainingProvider({ trials }: EngineReport): TrainProvider {
  const timeOf = (provider: TrainProvider): number =>
    trials.find((trial) => trial.provider === provider && trial.state === 'agrees')?.msPerThousandEvents ?? Infinity;
  return timeOf('webgpu') < timeOf('cpu') ? 'webgpu' : 'cpu';
}
