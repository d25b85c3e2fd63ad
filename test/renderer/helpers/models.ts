/** @file Models, logs, jobs and points of a curve as the host tells them, for tests of what the renderer makes of them. */
import type { Job } from '../../../src/shared/jobs.ts';
import type { Model, TrainingEstimate } from '../../../src/shared/models.ts';
import type { Source } from '../../../src/shared/sources.ts';
import type { TrainProgress } from '../../../src/shared/trainerProtocol.ts';

export function progress(
  epoch: number,
  step: number,
  validationBits: number | null,
  change: Partial<TrainProgress> = {},
): TrainProgress {
  return {
    epoch,
    maxEpochs: 10,
    step,
    stepsPerEpoch: 10,
    trainingBits: 5 / epoch,
    validationBits,
    bestValidationBits: validationBits,
    resumedFromStep: null,
    refusedCheckpoints: 0,
    skippedSteps: 0,
    provider: 'cpu',
    providerFailure: null,
    tokensPerSecond: 1,
    elapsedMs: 1,
    ...change,
  };
}

export function model(number: number, change: Partial<Model> = {}): Model {
  return {
    id: `model-${number}`,
    number,
    kind: 'keys',
    state: 'kept',
    createdAt: number * 1000,
    learnedFrom: 'auth.log',
    lineCount: 6000,
    leftOut: null,
    sessionCount: 40,
    eventKinds: 120,
    parameterCount: 230_000,
    trainingBits: 1.1,
    validationBits: 1.2,
    epochs: 8,
    elapsedMs: 61_000,
    curve: [],
    files: [{ name: 'weights.safetensors', sizeBytes: 1_000_000, sha256: 'ab'.repeat(32) }],
    quantisation: null,
    failure: null,
    name: null,
    parentId: null,
    origin: 'trained',
    shape: { layers: 4, heads: 4, width: 64, contextLength: 64, vocabularySize: 128 },
    seed: 1,
    firstAt: null,
    lastAt: null,
    provider: 'cpu',
    usedBy: { logs: 0, models: 0 },
    reads: null,
    isReader: false,
    isBefore: false,
    ...change,
  };
}

export function textModel(number: number, name: string, change: Partial<Model> = {}): Model {
  return model(number, { kind: 'text', name, reads: 'lines', eventKinds: 0, ...change });
}

export function source(id: number, change: Partial<Source> = {}): Source {
  return {
    id,
    name: `log-${id}`,
    format: 'syslog3164',
    fitShare: 1,
    state: 'ready',
    sizeBytes: 1,
    lineCount: 100,
    eventCount: 100,
    plainCount: 0,
    blankCount: 0,
    badByteCount: 0,
    encoding: 'utf-8',
    sessionCount: 1,
    templateCount: 1,
    firstAt: null,
    lastAt: null,
    assumption: { year: null, zone: null },
    importedAt: 0,
    scoredAt: null,
    live: null,
    ...change,
  };
}

export function job(id: string, change: Partial<Job> = {}): Job {
  return {
    id,
    kind: 'train',
    state: 'running',
    subject: 'auth.log',
    step: 'training',
    share: null,
    remainingMs: null,
    lineCount: null,
    linesPerSecond: null,
    startedAt: 0,
    endedAt: null,
    error: null,
    sourceIds: [],
    modelId: null,
    training: null,
    retraining: null,
    canPause: true,
    isPaused: false,
    outcome: null,
    ...change,
  };
}

export function estimate(change: Partial<TrainingEstimate> = {}): TrainingEstimate {
  return {
    events: 1000,
    tokensPerEpoch: 1000,
    tokensPerSecond: 100,
    maxEpochs: 20,
    atMostMs: 240_000,
    peakBytes: 412_000_000,
    freeBytes: 8_000_000_000,
    diskBytes: 29_000_000,
    parameterCount: 7_100_000,
    trainedParameterCount: 300_000,
    provider: 'cpu',
    warning: null,
    ...change,
  };
}
