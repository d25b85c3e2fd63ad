/** @file What the standing verdicts teach, as the version of the threshold that they would make; fitted in the adapting process. */
import type { LearningWarning } from '../../shared/adaptProtocol.ts';
import type { Threshold } from '../../shared/thresholds.ts';
import type { LearningSettings } from '../../shared/learning.ts';
import type { Joined } from '../../shared/taught.ts';
import { sideOf } from '../../shared/teaching.ts';
import { reachOfVerdicts, thresholdMeaning } from '../detect/budget.ts';
import type { NewThreshold } from '../store/protocol/learning.ts';
import type { AdaptClient } from './adaptClient.ts';
import { ownRowsPath } from './detection/taughtJudges.ts';
import type { Services } from './services.ts';
import { isTaughtElse, minMove, taughtText } from './taughtChanges.ts';

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
  const [models, labels, judged] = await Promise.all([
    store.call('list_models', undefined),
    store.call('labelled_scores', { modelId }),
    store.call('judged_rows', { modelId, minScore: current.score }),
  ]);
  const record = models.find(({ id }) => id === modelId);
  const asked = {
    ownRowsPath: record ? ownRowsPath(services, record) : null,
    labels: labels.map((label) => ({ ...label, samplingWeight: label.samplingWeight ?? 1 })),
    // What says neither threat nor harmless is no evidence of where to alert, and lets nothing go further.
    maxShift: reachOfVerdicts(labels.filter(({ value }) => sideOf(value) !== null).length),
    ...{ budgetScore, settings, judged, meant, calibrationRows: calibrationEvents },
  };
  const inForce = current.taught?.joined ?? null;
  let answer = await adapt.call('adapt', { ...asked, joinedBefore: inForce });
  const said = saidBy(answer.taught?.joined);
  if (said !== null && said !== saidBy(inForce)) {
    // A verdict was taken back: what stands is as it was once, and stands for as many rows as then, whatever the verdict did meanwhile.
    const earlier = await store.call('joined_before', { modelId, verdictCount: answer.labelCount });
    const same = earlier.find((one) => saidBy(one) === said);
    if (same) answer = await adapt.call('adapt', { ...asked, joinedBefore: same });
  }
  const { warnings, thresholdScore, taught, labelCount, calibrationRows } = answer;
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

/** Of which normals it is made, to be compared. */
function saidBy(joined: Joined | null | undefined): string | null {
  return joined ? JSON.stringify(joined.scores) : null;
}
