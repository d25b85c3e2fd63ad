/** @file What the routes of retraining do: asking for it, and deciding what was proposed. */
import type { retrainingRoutes } from '../../../shared/routes/retraining.ts';
import type { AppParts } from '../createApp.ts';
import { retrainPlan } from '../retraining/plan.ts';
import type { PlanScoring } from '../retraining/proposals.ts';
import type { RouteHandlers } from '../router.ts';
import type { HandlerCommon } from './common.ts';

export function retrainingHandlers(
  { services, models, work, proposals }: AppParts,
  { changing, sourceNames }: HandlerCommon,
): Pick<RouteHandlers, keyof typeof retrainingRoutes> {
  const scoredAgain: PlanScoring = async (sourceIds) =>
    sourceIds.length === 0 ? null : work.planScore(sourceIds, await sourceNames(sourceIds));
  return {
    'retrain.plan': async () => retrainPlan(services, await models.inUse(), new AbortController().signal),
    'retrain.start': async (options) => {
      const { jobId } = await work.startRetraining(options);
      return { jobId };
    },
    'retrain.list': () => proposals.list(),
    'retrain.get': ({ modelId }) => proposals.get(modelId),
    'retrain.adopt': async ({ modelId, override }) => {
      const { retraining, scoring } = await changing(proposals.adopt(modelId, override, scoredAgain));
      return { retraining, jobId: scoring?.start().jobId ?? null };
    },
    'retrain.discard': ({ modelId }) => changing(proposals.discard(modelId)),
    'retrain.rollback': async ({ modelId }) => {
      const { model, scoring } = await changing(proposals.rollBack(modelId, scoredAgain));
      return { modelId: model.id, modelNumber: model.number, jobId: scoring?.start().jobId ?? null };
    },
  };
}
