/** @file What the routes of models do: presets, thresholds, and the registry. */
import { AppError } from '../../../shared/errors.ts';
import type { modelsRoutes } from '../../../shared/routes/models.ts';
import { mostThresholdsListed } from '../../../shared/thresholds.ts';
import type { TrainProvider } from '../../../shared/trainerProtocol.ts';
import type { AppParts } from '../createApp.ts';
import { listModels } from '../modelRegistry.ts';
import { choosePreset } from '../presets.ts';
import type { RouteHandlers } from '../router.ts';
import { runShares } from '../runShares.ts';
import { chosenPreset } from '../settings.ts';
import { continueWith } from '../textScores.ts';
import { currentThreshold, listThresholds } from '../thresholdInForce.ts';
import { estimateTraining, trainingProvider } from '../training/estimate.ts';
import type { HandlerCommon } from './common.ts';

export function modelHandlers(
  { services, models, thresholds, providers, work }: AppParts,
  { changing, sourceNames }: HandlerCommon,
): Pick<RouteHandlers, keyof typeof modelsRoutes> {
  const withProvider = <A extends { provider?: TrainProvider | undefined }>(
    asked: A,
  ): A & { provider: TrainProvider } => ({
    ...asked,
    provider: asked.provider ?? trainingProvider(providers.report()),
  });
  return {
    'presets.choose': async ({ preset }) => {
      await changing(choosePreset({ services, models, thresholds }, preset));
      const [chosen, threshold] = await Promise.all([chosenPreset(services), currentThreshold(services)]);
      return { chosen, inForce: threshold?.preset ?? null };
    },

    'thresholds.list': () => listThresholds(services, mostThresholdsListed),
    'thresholds.runs': () => runShares(services),
    'thresholds.set_following': async ({ isOn }) => {
      await thresholds.setFollowing(isOn);
      return { isOn };
    },
    'thresholds.set_budget': async ({ budget }) => {
      await thresholds.setBudget(budget);
      const threshold = await currentThreshold(services);
      if (!threshold) throw new AppError('CONFLICT', 'The budget is kept and takes effect when a model has learned.');
      return threshold;
    },
    'thresholds.revert': async ({ version }) => {
      await thresholds.revert(version);
      const threshold = await currentThreshold(services);
      if (!threshold) throw new AppError('INTERNAL', 'No threshold is in force.');
      return threshold;
    },
    'models.list': () => listModels(services),
    'models.use': async ({ modelId }) => {
      const scoring = await work.startUsingModel(modelId);
      return { models: await listModels(services), jobId: scoring?.jobId ?? null };
    },
    'models.read_without': async ({ reads }) => {
      await models.readWithout(reads);
      return listModels(services);
    },
    'models.estimate': (asked) => estimateTraining(services, withProvider(asked)),
    'models.train': async (asked) => {
      const { jobId } = await work.startTraining(withProvider(asked), await sourceNames(asked.sourceIds));
      return { jobId };
    },
    'models.delete': async ({ modelId }) => {
      await changing(models.delete(modelId));
      return listModels(services);
    },
    'models.continue': ({ modelIds, ...input }) => continueWith(services, modelIds, input),
  };
}
