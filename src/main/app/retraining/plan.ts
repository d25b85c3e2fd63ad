/** @file What a retraining of the model in use would learn from, and what it lacks. */
import type { RetrainPlan } from '../../../shared/retraining.ts';
import { AppError } from '../../../shared/errors.ts';
import { awaitedScores } from '../awaitedScores.ts';
import { contextLengthOf, type KeyModel } from '../keyModel.ts';
import type { Services } from '../services.ts';
import { readLabelled, type LabelledAlert, type LabelledAlerts } from './labelled.ts';
import { learnedLogs } from './material.ts';
import { countClasses, missingOf, splitLabelled, type Split } from './split.ts';

export type LabelledSplit = Split<LabelledAlert> & Pick<LabelledAlerts, 'leftOut' | 'ofDeletedModels'>;

/** Throws BAD_INPUT with what is missing. */
export async function labelledSplit(services: Services, model: KeyModel, signal: AbortSignal): Promise<LabelledSplit> {
  const contextLength = contextLengthOf(model.card);
  const { items, ...rest } = await readLabelled(services, { vocabulary: model.vocabulary, contextLength }, signal);
  const missing = missingOf(countClasses(items));
  if (missing !== null) throw new AppError('BAD_INPUT', missing);
  return { ...splitLabelled(items), ...rest };
}

/** Why no verdict could change the model's network, in sentences; null where they can. What verdicts teach at once they teach any model. */
export function whyNotRetrained({ number, card }: KeyModel): string | null {
  const inForce = 'What verdicts say is in force in the threshold, the detectors’ weights and what is remembered.';
  if (!card.shape) return `Model m${number} only counts: it has no network that a retraining could change. ${inForce}`;
  if (card.keys === 'sequences')
    return `Model m${number} learned sessions of ids, and a retraining reads the lines of logs. ${inForce}`;
  return null;
}

/** A new model is compared with what the one in use made of stored alerts: null where that is known of all. */
async function whyNotYet(services: Services, { id, number }: KeyModel): Promise<string | null> {
  if (!(await awaitedScores(services, id))) return null;
  return `Logs are still to be scored by model m${number}: a new model is compared with what it makes of them.`;
}

export async function retrainPlan(services: Services, model: KeyModel, signal: AbortSignal): Promise<RetrainPlan> {
  const contextLength = contextLengthOf(model.card);
  const { items, leftOut, ofDeletedModels } = await readLabelled(
    services,
    { vocabulary: model.vocabulary, contextLength },
    signal,
  );
  const logs = await learnedLogs(services, model).catch((error: unknown) => {
    if (error instanceof AppError) return error;
    throw error;
  });
  const { learned, heldOut, isByEntity } = splitLabelled(items);
  return {
    modelId: model.id,
    modelNumber: model.number,
    learnedFrom: model.card.learnedFrom,
    learned: countClasses(learned),
    heldOut: countClasses(heldOut),
    leftOut,
    ofDeletedModels,
    isSplitByEntity: isByEntity,
    newVerdicts: await newVerdicts(services),
    missing:
      whyNotRetrained(model) ??
      (await whyNotYet(services, model)) ??
      missingOf(countClasses(items)) ??
      (logs instanceof AppError ? logs.message : null),
  };
}

/**
 * Standing verdicts that no retraining which came to a proposal has read, nor one that was started when `tried` was the newest. By number: clocks are
 * set back, and verdicts are given while one runs.
 */
export async function newVerdicts({ store }: Services, tried = 0): Promise<number> {
  const retrainings = await store.call('list_retrainings', undefined);
  const readTo = retrainings.reduce((newest, { report }) => Math.max(newest, report.verdictNumber ?? 0), tried);
  const old = retrainings.filter(({ report }) => report.verdictNumber === undefined);
  const after = old.reduce((newest, { proposedAt }) => Math.max(newest, proposedAt), -1);
  return store.call('count_verdicts', { after, afterNumber: readTo });
}
