/** @file The registry as it is shown: models of both kinds with where they are used, and taking one out of it. */
import { rm } from 'node:fs/promises';
import type { Model } from '../../shared/models.ts';
import { AppError } from '../../shared/errors.ts';
import { textReads } from '../../shared/textModels.ts';
import type { ModelRecord } from '../store/protocol/models.ts';
import type { ModelCard } from './keyModel.ts';
import { chosenTextModel, keepTextModel } from './detection/chosenTextModel.ts';
import { modelDirectory, type Services } from './services.ts';
import { isTextCard, readsOf, type TextModelCard } from './textModelCard.ts';

export async function listModels(services: Services): Promise<Model[]> {
  const { store } = services;
  const records = await store.call('list_models', undefined);
  const [scored, before, ...readers] = await Promise.all([
    store.call('logs_by_model', undefined),
    modelBefore(services, records),
    ...textReads.map((reads) => chosenTextModel(services, reads)),
  ]);
  const logsOf = new Map(scored.map(({ modelId, logs }) => [modelId, logs]));
  const models = records.map(toModel);
  return models.map((model) => ({
    ...model,
    isReader: readers.includes(model.id),
    isBefore: model.id === before?.id,
    usedBy: {
      logs: logsOf.get(model.id) ?? 0,
      models: models.filter(({ parentId }) => parentId === model.id).length,
    },
  }));
}

/** The last that was in use before the one that is, and is there still. `records`: of all models. */
export async function modelBefore(
  { store }: Pick<Services, 'store'>,
  records: readonly ModelRecord[],
): Promise<ModelRecord | undefined> {
  for (const used of await store.call('list_model_uses', undefined)) {
    const record = records.find(({ id }) => id === used);
    if (record?.state === 'kept') return record;
  }
  return undefined;
}

/**
 * The row goes first: a folder without a row is cleared away at the next start. Throws CONFLICT for a model in use, in training, or being
 * trained from.
 */
export async function deleteModel(services: Services, modelId: string): Promise<void> {
  const { store, host } = services;
  const child = (await store.call('list_models', undefined)).find(
    ({ state, card }) => state === 'training' && parentOf(card) === modelId,
  );
  if (child)
    throw new AppError(
      'CONFLICT',
      `Model m${child.number} is being trained from it. Wait for that, or cancel it first.`,
    );
  await store.call('remove_model', { modelId, now: host.now(), actor: await services.actor() });
  for (const reads of textReads) {
    if ((await chosenTextModel(services, reads)) === modelId) await keepTextModel(services, reads, null);
  }
  await rm(modelDirectory(services, modelId), { recursive: true, force: true });
}

function parentOf(card: ModelRecord['card']): string | undefined {
  if (!isTextCard(card)) return (card as ModelCard).retrainedFrom?.id;
  return card.origin === undefined ? undefined : card.parent?.id;
}

/** By name, number (m3) or id; a model that failed has left its name free. Throws NOT_FOUND. */
export function findModel(models: readonly ModelRecord[], called: string): ModelRecord {
  const found =
    models.find(({ card, state }) => state !== 'failed' && isTextCard(card) && card.name === called) ??
    models.find(({ id, number }) => id === called || `m${number}` === called);
  if (found) return found;
  const names = models.flatMap(({ card }) => (isTextCard(card) ? [card.name] : []));
  const known = names.length > 0 ? ` There are: ${names.join(', ')}.` : ' Import one first.';
  throw new AppError('NOT_FOUND', `There is no text model "${called}".${known}`);
}

/** `usedBy`, `isReader` and `isBefore` are left empty: that is known of all models together. */
export function toModel(record: ModelRecord): Model {
  const { id, number, state, createdAt, curve, files } = record;
  const own = isTextCard(record.card) ? textFacts(record.card) : keyFacts(record.card as ModelCard);
  const ofAll = { usedBy: { logs: 0, models: 0 }, isReader: false, isBefore: false };
  return { id, number, state, createdAt, curve, files, ...ofAll, ...own };
}

type Facts = Omit<
  Model,
  'id' | 'number' | 'state' | 'createdAt' | 'curve' | 'files' | 'usedBy' | 'isReader' | 'isBefore'
>;

function keyFacts(card: ModelCard): Facts {
  const { learnedFrom, lineCount, sessionCount, eventKinds, parameterCount, seed, shape } = card;
  return {
    kind: 'keys',
    reads: null,
    origin: card.retrainedFrom ? 'reward' : 'trained',
    name: null,
    parentId: card.retrainedFrom?.id ?? null,
    ...{ learnedFrom, lineCount, sessionCount, eventKinds, parameterCount, seed, shape },
    leftOut: card.leftOut ?? null,
    ...trainingFacts(card),
  };
}

function textFacts(card: TextModelCard): Facts {
  const { name, seed, parameterCount, shape } = card;
  const reads = readsOf(card);
  const named = { kind: 'text', name, seed, parameterCount, reads, sessionCount: 0, eventKinds: 0 } as const;
  const layers = shape?.form === 'gpt2' ? shape : null;
  if (card.origin !== undefined) {
    const { origin, parent, learnedFrom, lineCount } = card;
    const leftOut = card.leftOut ?? null;
    const from = { origin, parentId: parent?.id ?? null, learnedFrom, lineCount, leftOut, shape: layers };
    return { ...named, ...from, ...trainingFacts(card) };
  }
  const what = shape?.form === 'gpt2' ? 'GPT-2 checkpoint' : 'ONNX graph';
  return {
    ...named,
    origin: 'imported',
    parentId: null,
    learnedFrom: `${what}, imported from ${card.importedFrom}`,
    lineCount: 0,
    leftOut: null,
    shape: layers,
    ...trainingFacts({}),
  };
}

type Training = Pick<
  Facts,
  | 'trainingBits'
  | 'validationBits'
  | 'epochs'
  | 'elapsedMs'
  | 'firstAt'
  | 'lastAt'
  | 'provider'
  | 'quantisation'
  | 'failure'
>;

/** What a card lacks was not done, or was not kept by the version that made it. */
function trainingFacts(card: { [K in keyof Training]?: Training[K] | undefined }): Training {
  return {
    trainingBits: card.trainingBits ?? null,
    validationBits: card.validationBits ?? null,
    epochs: card.epochs ?? 0,
    elapsedMs: card.elapsedMs ?? 0,
    firstAt: card.firstAt ?? null,
    lastAt: card.lastAt ?? null,
    quantisation: card.quantisation ?? null,
    provider: card.provider ?? null,
    failure: card.failure ?? null,
  };
}
