/** @file What can be asked for as a job, in the words that the store keeps until it has ended; and what of it a later start still needs. */
import { join } from 'node:path';
import { z } from 'zod';
import { keyModelSizes } from '../../shared/models.ts';
import { formatIds } from '../../shared/lines.ts';
import { textReads } from '../../shared/textModels.ts';
import { trainProviders } from '../../shared/trainerProtocol.ts';
import type { UnfinishedJob } from '../store/protocol/workspace.ts';
import { demoLogNames } from './demo.ts';

const uid = z.string().min(1).max(64);
const path = z.string().min(1);
const rowId = z.number().int().positive();
/** It stood still when the app was closed. */
const isPaused = z.boolean().optional();
const presetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('budget') }),
  z.strictObject({ kind: z.literal('top_k'), k: z.number().nullable() }),
  z.strictObject({ kind: z.literal('tutorial') }),
]);
const learning = {
  modelId: uid,
  budget: z.strictObject({ alerts: z.number(), per: z.enum(['day', '100k']) }).optional(),
  seed: z.number().optional(),
  countsOnly: z.boolean().optional(),
  preset: presetSchema.optional(),
  isPaused,
};
const training = {
  modelId: uid,
  sourceIds: z.array(rowId),
  maxEpochs: z.number().optional(),
  seed: z.number().optional(),
  provider: z.enum(trainProviders),
  isPaused,
};
/** Versions that trained on lines alone did not say so. */
const text = { name: z.string(), reads: z.enum(textReads).default('lines') };
const fineTune = { kind: z.literal('fine_tune'), ...text, parentId: uid, method: z.enum(['lora', 'full']) };

const inputs = {
  import: z.strictObject({
    path,
    name: z.string(),
    /** Ours to delete once it is read. */
    isTemporary: z.boolean(),
    format: z.enum(formatIds).nullable(),
    thenScore: z.boolean(),
    /** Of the source, once it is there whole. */
    sourceId: rowId.nullable(),
  }),
  learn: z.union([
    z.strictObject({ ...learning, sourceIds: z.array(rowId) }),
    /** Files of sequences of event ids. */
    z.strictObject({ ...learning, paths: z.array(path) }),
  ]),
  train: z.strictObject({
    ...training,
    plan: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('keys'), size: z.enum(keyModelSizes) }),
      z.strictObject({ kind: z.literal('text'), ...text }),
      z.strictObject(fineTune),
    ]),
  }),
  classify: z.strictObject({ classifierId: uid, isPaused }),
  use_classifier: z.strictObject({
    modelId: uid,
    classifierId: uid.nullable(),
    /** The model that judged before, once it is to be another: alerts of its logs are by that one until they are scored again. */
    beforeId: uid.optional(),
  }),
  retrain: z.strictObject({ modelId: uid, parentId: uid, seed: z.number().optional(), isPaused }),
  score: z.strictObject({
    sourceIds: z.array(rowId),
    /** Another model came in use: alerts of these logs are by the one before until this is done. */
    isReplacing: z.boolean().optional(),
  }),
  demo: z.strictObject({ modelId: uid, now: z.number(), isPaused }),
};

type Inputs = typeof inputs;
export type InputOf<K extends keyof Inputs> = z.output<Inputs[K]>;
export type Asked = { [K in keyof Inputs]: { kind: K; input: InputOf<K> } }[keyof Inputs];

/** Undefined for what this version does not know: it was asked of another one. */
export function readAsked({ kind, input }: Pick<UnfinishedJob, 'kind' | 'input'>): Asked | undefined {
  const schema = Object.hasOwn(inputs, kind) ? inputs[kind as keyof Inputs] : undefined;
  const read = schema?.safeParse(input);
  return read?.success ? ({ kind, input: read.data } as Asked) : undefined;
}

/** Two that are asked for with the same words have the same question, whatever came of the first by then. */
export function questionOf({ kind, input }: Asked): string {
  const {
    modelId: _model,
    sourceId: _source,
    now: _now,
    isPaused: _isPaused,
    beforeId: _before,
    isReplacing: _isReplacing,
    ...words
  } = input as Record<string, unknown>;
  return JSON.stringify([kind, words]);
}

/** Files that it reads, as far as it still has to. */
export function filesOf(asked: Asked, incomingDirectory: string): string[] {
  switch (asked.kind) {
    case 'import':
      return asked.input.sourceId === null ? [asked.input.path] : [];
    case 'learn':
      return 'paths' in asked.input ? asked.input.paths : [];
    case 'demo':
      return demoLogNames.map((name) => join(incomingDirectory, name));
    case 'train':
    case 'classify':
    case 'use_classifier':
    case 'retrain':
    case 'score':
      return [];
  }
}

export function isLeftPaused({ input }: Asked): boolean {
  return 'isPaused' in input && input.isPaused === true;
}

/** Whether logs have alerts of the model before this one until it is done. */
export function replacesAlerts(asked: Asked, modelId: string): boolean {
  if (asked.kind === 'score') return asked.input.isReplacing === true;
  return asked.kind === 'use_classifier' && asked.input.modelId === modelId && asked.input.beforeId !== undefined;
}

/** One that is trained. */
export function classifierOf({ kind, input }: Asked): string | undefined {
  return kind === 'classify' ? input.classifierId : undefined;
}

export function modelOf({ input }: Asked): string | undefined {
  return 'modelId' in input ? input.modelId : undefined;
}
