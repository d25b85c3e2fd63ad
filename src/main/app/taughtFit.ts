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
  const [models, labels, judged, versions] = await Promise.all([
    store.call('list_models', undefined),
    store.call('labelled_scores', { modelId }),
    store.call('judged_rows', { modelId, minScore: current.score }),
    store.call('recent_thresholds', { modelId, limit: versionsLookedAt }),
  ]);
  const record = models.find(({ id }) => id === modelId);
  const { warnings, labelCount, ...found } = await adapt.call('adapt', {
    ownRowsPath: record ? ownRowsPath(services, record) : null,
    labels: labels.map((label) => ({ ...label, samplingWeight: label.samplingWeight ?? 1 })),
    joinedBefore: versions.flatMap(({ taught }) => taught?.joined ?? []),
    // What says neither threat nor harmless is no evidence of where to alert, and lets nothing go further.
    maxShift: reachOfVerdicts(labels.filter(({ value }) => sideOf(value) !== null).length),
    ...{ budgetScore, settings, judged, meant, calibrationRows: calibrationEvents },
  });
  const isSame = (one: Threshold): boolean =>
    isSameBudget(one, current) &&
    Math.abs(found.thresholdScore - one.score) < minMove &&
    !isTaughtElse(one.taught ?? null, found.taught);
  if (isSame(current)) return { warnings, taught: null };
  // One that it came from by verdicts that are taken back: moves too small to see were left out of it, and are again.
  const earlier = versions.find(isSame);
  const score = earlier?.score ?? found.thresholdScore;
  const taught = earlier ? (earlier.taught ?? null) : found.taught;
  const rows = earlier?.calibrationEvents ?? found.calibrationRows;
  const spread = { budget, eventsPerPeriod, score: budgetScore };
  const meaning = `${thresholdMeaning(spread, score, rows)}${taughtText(taught)}`;
  return { warnings, taught: { score, meaning, verdictCount: labelCount, taught, calibrationEvents: rows } };
}

function isSameBudget(one: Threshold, other: Threshold): boolean {
  return one.budgetScore === other.budgetScore && one.eventsPerPeriod === other.eventsPerPeriod;
}
