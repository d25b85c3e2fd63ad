/** @file What the standing verdicts teach, as the version of the threshold that they would make; fitted in the adapting process. */
import type { LearningWarning } from '../../shared/adaptProtocol.ts';
import type { Threshold } from '../../shared/thresholds.ts';
import type { LearningSettings } from '../../shared/learning.ts';
import { sideOf } from '../../shared/teaching.ts';
import { reachOfVerdicts, thresholdMeaning } from '../detect/budget.ts';
import type { NewThreshold } from '../store/protocol/learning.ts';
import type { AdaptClient } from './adaptClient.ts';
import { ownRowsPath } from './detection/taughtJudges.ts';
import type { Services } from './services.ts';
import { isTaughtElse, minMove, taughtText } from './taughtChanges.ts';

/** Undoing so many verdicts, one after the other, leads back to exactly what was in force before each. */
const versionsLookedAt = 16;

export type TaughtFit = {
  /** What of it waits until somebody says that it is meant. */
  warnings: LearningWarning[];
  /** Null where an analyst would see no difference. */
  taught: Pick<NewThreshold, 'score' | 'meaning' | 'verdictCount' | 'taught' | 'calibrationEvents'> | null;
};

/** `meant`: the warnings that somebody said are. Throws PROCESS_GONE where the adapting process is down. */
export async function fitTaught(
  services: Services,
  adapt: AdaptClient,
  { current, settings, meant }: { current: Threshold; settings: LearningSettings; meant: LearningWarning[] },
): Promise<TaughtFit> {
  const { store } = services;
  const { modelId, budgetScore, calibrationEvents, budget, eventsPerPeriod } = current;
  const [models, labels, judged, joinedBefore] = await Promise.all([
    store.call('list_models', undefined),
    store.call('labelled_scores', { modelId }),
    store.call('judged_rows', { modelId, minScore: current.score }),
    store.call('list_joined', { modelId, limit: versionsLookedAt }),
  ]);
  const record = models.find(({ id }) => id === modelId);
  const { warnings, thresholdScore, taught, labelCount, calibrationRows } = await adapt.call('adapt', {
    ownRowsPath: record ? ownRowsPath(services, record) : null,
    labels: labels.map((label) => ({ ...label, samplingWeight: label.samplingWeight ?? 1 })),
    joinedBefore,
    // What says neither threat nor harmless is no evidence of where to alert, and lets nothing go further.
    maxShift: reachOfVerdicts(labels.filter(({ value }) => sideOf(value) !== null).length),
    ...{ budgetScore, settings, judged, meant, calibrationRows: calibrationEvents },
  });
  if (Math.abs(thresholdScore - current.score) < minMove && !isTaughtElse(current.taught ?? null, taught))
    return { warnings, taught: null };
  const spread = { budget, eventsPerPeriod, score: budgetScore };
  const meaning = `${thresholdMeaning(spread, thresholdScore, calibrationRows)}${taughtText(taught)}`;
  const fitted = {
    score: thresholdScore,
    meaning,
    verdictCount: labelCount,
    taught,
    calibrationEvents: calibrationRows,
  };
  return { warnings, taught: fitted };
}
