/** @file What the routes of explanations by a language model do. */
import type { explanationsRoutes } from '../../../shared/routes/explanations.ts';
import type { AppParts } from '../createApp.ts';
import type { RouteHandlers } from '../router.ts';
import type { HandlerCommon } from './common.ts';

export function explanationHandlers(
  { explanations }: AppParts,
  { blind, changing }: HandlerCommon,
): Pick<RouteHandlers, keyof typeof explanationsRoutes> {
  return {
    'explanations.settings': () => explanations.settings(),
    'explanations.set': (settings) => explanations.set(settings),
    'explanations.test': ({ address }) => explanations.test(address),
    'explanations.get': async ({ alertId }) => explanations.get(alertId, await blind.is(alertId)),
    'explanations.start': async ({ alertId, again }) =>
      (await explanations.start(alertId, again, await blind.is(alertId))).begun,
    'explanations.cancel': ({ alertId }) => {
      explanations.cancel(alertId);
      return null;
    },
    'explanations.keep': ({ alertId, caseId }) => changing(explanations.keep(alertId, caseId)),
  };
}
