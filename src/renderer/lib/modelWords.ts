/** @file Models and their training in words: what a model is called, where it came from, what its figures are measured in, what training would take. */
import type { Job } from '../../shared/jobs.ts';
import type { Model, TrainingEstimate } from '../../shared/models.ts';
import type { TextReads } from '../../shared/textModels.ts';
import type { TrainProgress, TrainProvider } from '../../shared/trainerProtocol.ts';
import { isMeasured } from './lossCurve.ts';
import { bytes, compact, count, duration, percent } from './words.ts';

export const trainProviderNames: Record<TrainProvider, string> = { cpu: 'CPU', webgpu: 'GPU (WebGPU)' };

/** In the chip of a model. */
export function stateWords({ state, reads, isReader }: Pick<Model, 'state' | 'reads' | 'isReader'>): string {
  return isReader && reads !== null ? `for ${reads}` : modelStateWords[state];
}

/** What a text model is given to read, as a fact and as a choice. */
export const readsWords: Record<TextReads, string> = {
  lines: 'one masked line at a time',
  windows: 'windows of ten lines, for the preset Tutorial',
};

const modelStateWords = { training: 'training', in_use: 'in use', kept: 'kept', failed: 'failed' } as const;

type Kind = Model['kind'];

/** What the losses of a model are measured in. A model of event keys predicts events, a text model pieces of text. */
export function unitOf(kind: Kind | null): string {
  return kind === null ? 'bits' : kind === 'keys' ? 'bits per event' : 'bits per token';
}

/** What a job trains; null until its model is in the registry. */
export function trainedKind({ modelId }: Pick<Job, 'modelId'>, models: readonly Model[]): Kind | null {
  return models.find(({ id }) => id === modelId)?.kind ?? null;
}

/** "m5 nightly tuned": hostile where an analyst's name is in it. */
export function modelTitle({ number, name }: Pick<Model, 'number' | 'name'>): string {
  return name === null ? `m${number}` : `m${number} ${name}`;
}

/** "Fine-tuned from m3 by adapters". `parentNumber`: null where it is not there any more. */
export function originText({ origin, parentId }: Model, parentNumber: number | null): string {
  switch (origin) {
    case 'trained':
      return 'Trained from nothing';
    case 'imported':
      return 'Imported';
    case 'reward':
      return `Retrained on verdicts from ${parentNumber === null ? 'a model deleted since' : `m${parentNumber}`}`;
    default: {
      const parent = parentId === null || parentNumber === null ? 'a model deleted since' : `m${parentNumber}`;
      return `Fine-tuned from ${parent} ${origin === 'lora' ? 'by adapters' : 'in full'}`;
    }
  }
}

const readerWords: Record<TextReads, string> = {
  lines: 'A text model: it scores lines from the next time a model of kinds is learned.',
  windows: 'A text model: the preset Tutorial judges by it from the next time a model of kinds is learned.',
};

/** One sentence on what a model is for. */
export function trainedAs({
  kind,
  state,
  reads,
  isReader,
}: Pick<Model, 'kind' | 'state' | 'reads' | 'isReader'>): string {
  if (kind === 'text')
    return isReader && reads !== null ? readerWords[reads] : 'A text model: it scores and continues text.';
  return state === 'in_use'
    ? 'A model of event kinds: it decides alerts.'
    : 'A model of event kinds, for deciding alerts.';
}

export function diskBytes({ files }: Pick<Model, 'files'>): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** "About 4 min 10 s for at most 20 epochs, 412 MB of memory, 29 MB on disk; 7.1 M parameters, of which 0.3 M change; tried just now on the CPU." */
export function estimateText(estimate: TrainingEstimate): string {
  const { atMostMs, maxEpochs, peakBytes, parameterCount, trainedParameterCount, provider } = estimate;
  const epochs = maxEpochs === 1 ? 'one epoch' : `at most ${maxEpochs} epochs`;
  const changed =
    trainedParameterCount === parameterCount
      ? 'all of which change'
      : `of which ${compact(trainedParameterCount)} change (${percent(trainedParameterCount / Math.max(1, parameterCount))})`;
  return (
    `About ${duration(atMostMs)} for ${epochs}, ${bytes(peakBytes)} of memory, ${bytes(estimate.diskBytes)} on disk; ` +
    `${compact(parameterCount)} parameters, ${changed}; tried just now on the ${trainProviderNames[provider]}.`
  );
}

/** How a run goes: "1.19 bits per event in validation", "step 8,214 of 12,300", "11,480 events/s on the CPU", "3 min 05 s so far". */
export function trainingFacts(training: TrainProgress, kind: Kind | null, isPaused: boolean): string[] {
  const { validationBits, trainingBits, provider } = training;
  const measured =
    validationBits !== null
      ? [`${validationBits.toFixed(2)} ${unitOf(kind)} in validation`]
      : isMeasured(training)
        ? [`${trainingBits.toFixed(2)} ${unitOf(kind)} in training`]
        : [];
  const rate = `${count(Math.round(training.tokensPerSecond))} ${kind === 'keys' ? 'events' : 'tokens'}/s `;
  return [
    ...measured,
    `step ${count(training.step)} of ${count(training.stepsPerEpoch)}`,
    `${isPaused ? '' : rate}on the ${trainProviderNames[provider]}`,
    `${duration(training.elapsedMs)} so far`,
  ];
}
