/** @file Which threshold is in force, what its budget asks for, and the versions before it. Read only: what changes it is `thresholds.ts`. */
import type { Threshold, ThresholdVersion } from '../../shared/thresholds.ts';
import { AppError } from '../../shared/errors.ts';
import { spreadBudget } from '../detect/budget.ts';
import type { ModelCard } from './keyModel.ts';
import type { Services } from './services.ts';

/** Setting: whether it follows slow changes. */
export const followingKey = 'follow_drift';

/** Whether the threshold follows slow changes of what is followed: unless somebody said no. */
export async function followsDrift({ store }: Services): Promise<boolean> {
  return (await store.call('get_setting', { key: followingKey })) !== false;
}

/** -log10 p that the budget asks for on the log that was learned, and how far the threshold follows what came since. */
export async function budgetScoreOf({ store }: Services, { modelId, budget, budgetScore }: Threshold) {
  const record = (await store.call('list_models', undefined)).find(({ id }) => id === modelId);
  if (!record) throw new AppError('NOT_FOUND', 'The model of the threshold is no longer there.');
  const { lineCount, durationMs } = record.card as ModelCard;
  const spread = spreadBudget(budget, lineCount, durationMs);
  return { spread, shift: budgetScore - spread.score };
}

/** The threshold in force: the newest of the model in use. */
export async function currentThreshold(services: Services): Promise<Threshold | undefined> {
  return (await services.store.call('current_threshold', undefined)) ?? undefined;
}

/** Versions of every model, newest first; only the one in force is current, and is among them however old it is. */
export async function listThresholds({ store }: Services, limit?: number): Promise<ThresholdVersion[]> {
  const [versions, current] = await Promise.all([
    store.call('list_thresholds', { modelId: null, ...(limit === undefined ? {} : { limit }) }),
    store.call('current_threshold', undefined),
  ]);
  const isAmong = !current || versions.some(({ version }) => version === current.version);
  const older = isAmong ? [] : await store.call('list_thresholds', { modelId: current.modelId, limit: 1 });
  return [...older, ...versions]
    .map((threshold) => ({ ...threshold, isCurrent: threshold.version === current?.version }))
    .sort((a, b) => b.version - a.version);
}
