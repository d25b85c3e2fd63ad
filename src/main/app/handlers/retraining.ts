/** @file What the routes of retraining do: asking for it, and deciding what was proposed. */
import type { retrainingRoutes } from '../../../shared/routes/retraining.ts';
import type { AppParts } from '../createApp.ts';
import { retrainPlan } from '../retraining/plan.ts';
import type { RouteHandlers } from '../router.ts';
import type { HandlerCommon } from './common.ts';

export function retrainingHandlers(
  { services, models, work, proposals }: AppParts,
  { changing, sourceNames }: HandlerCommon,
): Pick<RouteHandlers, keyof typeof retrainingRoutes> {
  /** Alerts are by the model before until their logs are scored again, in turn with other work. */
  const scoredAgain = async (sourceIds: number[]): Promise<string | null> => {
    if (sourceIds.length === 0) return null;
    return (await work.startScore(sourceIds, await sourceNames(sourceIds))).jobId;
  };
  return {
    'retrain.plan': async () => retrainPlan(services, await models.inUse(), new AbortController().signal),
    'retrain.start': async (options) => {
      const { jobId } = await work.startRetraining(options);
      return { jobId };
    },
    'retrain.list': () => proposals.list(),
    'retrain.get': ({ modelId }) => proposals.get(modelId),
    'retrain.adopt': async ({ modelId, override }) => {
      const { retraining, sourceIds } = await changing(proposals.adopt(modelId, override));
      return { retraining, jobId: await scoredAgain(sourceIds) };
    },
    'retrain.discard': ({ modelId }) => changing(proposals.discard(modelId)),
    'retrain.rollback': async ({ modelId }) => {
      const { model, sourceIds } = await changing(proposals.rollBack(modelId));
      return { modelId: model.id, modelNumber: model.number, jobId: await scoredAgain(sourceIds) };
    },
  };
}
