/**
 * @file All that verdicts teach at once, as a function of what a model is, the verdicts that stand, and the settings: weights of its detectors,
 * verified normals among what calibrates it, and the threshold. Also what learning it would blind.
 */
import type { AdaptInput, AdaptOutput, Label, LearningWarning } from '../../src/shared/adaptProtocol.ts';
import { flagAbove } from '../../src/shared/decisions.ts';
import type { Joined, Taught } from '../../src/shared/taught.ts';
import { bitsAt, minusLog10P } from '../../src/main/detect/calibration.ts';
import type { OwnRows } from '../../src/main/detect/ownRows.ts';
import { secondUnder, VoteJudge, weightsUnder } from '../../src/main/detect/reweigh.ts';
import { fitThreshold, type LabelledScore } from './threshold.ts';
import { tutorialThreshold } from './tutorial.ts';
import { learnWeights } from './weights.ts';

/** A detector that keeps less than this of its weight would be blind to what it alone sees. */
const leastShare = 0.25;
/** Kept of each version: the newest. */
const mostJoined = 500;

type Said = Label & { isThreat: boolean };

/** `rows`: of the model; null for one of before they were kept. */
export function adapt(input: AdaptInput, rows: OwnRows | null): AdaptOutput {
  const { budgetScore, maxShift, settings } = input;
  const said = input.labels.flatMap((label): Said[] => {
    const isThreat = label.value === 'true_positive';
    // A benign true positive is no threat, and no mistake of the detectors either; undetermined says nothing.
    return isThreat || label.value.startsWith('false_positive') ? [{ ...label, isThreat }] : [];
  });
  const taught = rows && taughtBy(said, input, rows);
  const second = rows && (taught ? secondUnder(rows, taught, budgetScore) : rows.second);
  const labelled = scored(said, rows && second && judgeUnder(rows, taught?.weights ?? null, second));
  const calibrationRows = Math.round(second?.pooled.count ?? input.calibrationRows);
  const thresholdScore =
    settings.thresholdPreset === 'tutorial'
      ? tutorialThreshold(labelled, { budgetScore, calibrationRows })
      : fitThreshold({ labelled, budgetScore, maxShift, rewards: settings.rewards });
  const missed = (of: readonly LabelledScore[], from: number): number =>
    of.filter(({ isThreat, score }) => isThreat && score < from).length;
  const missedThreats = missed(labelled, thresholdScore);
  const lost = missedThreats - missed(scored(said, rows && judgeUnder(rows, null, rows.second)), budgetScore);
  return {
    thresholdScore,
    taught: taught && second && rows ? withShift(taught, rows, second, budgetScore) : null,
    calibrationRows,
    labelCount: said.length,
    missedThreats,
    falseAlarms: labelled.filter(({ isThreat, score }) => !isThreat && score >= thresholdScore).length,
    warnings: [
      ...(rows && taught ? blinded(rows, taught) : []),
      ...(lost > 0 ? [{ kind: 'threats' as const, count: lost }] : []),
    ],
  };
}

function withShift(taught: Taught, rows: OwnRows, second: OwnRows['second'], budgetScore: number): Taught {
  if (!taught.joined) return taught;
  const without = secondUnder(rows, { ...taught, joined: null }, budgetScore).pooled;
  const shift = minusLog10P(second.pooled, bitsAt(without, budgetScore)) - budgetScore;
  return { ...taught, joined: { ...taught.joined, shift } };
}

function taughtBy(said: readonly Said[], input: AdaptInput, rows: OwnRows): Taught | null {
  const { settings, budgetScore, judged } = input;
  const { pooled, groups } = rows.second;
  const fromOf = (group: string): number => bitsAt(groups[group] ?? pooled, budgetScore);
  const labels = said.map(({ votes, isThreat, group }) => ({ votes, isThreat, from: fromOf(group) }));
  const weights = learnWeights(rows.detectors, labels, flagAbove(settings.rewards));
  const joined = joinedBy(said, judged, rows, weights);
  return weights || joined ? { weights, joined } : null;
}

/** False alarms, with the part of the judged rows that the decided alerts stand for. */
function joinedBy(
  said: readonly Said[],
  judged: AdaptInput['judged'],
  rows: OwnRows,
  weights: Taught['weights'],
): Joined | null {
  const judge = judgeUnder(rows, weights, rows.second);
  const normals = said.filter(({ isThreat, origin }) => !isThreat && origin === 'detector');
  const scores: Joined['scores'] = {};
  for (const { votes, group } of normals.slice(-mostJoined)) {
    const score = judge.first(votes);
    if (score !== null) (scores[group] ??= []).push(score);
  }
  const share = normals.length === 0 ? 0 : Math.min(1, mostJoined / normals.length);
  const count = Math.round(judged.rows * judged.decidedShare * share);
  return normals.length > 0 && count > 0 ? { rows: count, scores, shift: 0 } : null;
}

function judgeUnder(rows: OwnRows, weights: Taught['weights'], second: OwnRows['second']): VoteJudge {
  const own = weightsUnder(rows, weights);
  return new VoteJudge(
    rows.detectors.map(({ id }, place) => ({ id, weight: own[place] ?? 0 })),
    second,
  );
}

/** The labels as `judge` scores them; null: as they are stored. */
function scored(said: readonly Said[], judge: VoteJudge | null): (LabelledScore & { samplingWeight: number })[] {
  return said.map(({ votes, group, score, isThreat, samplingWeight }) => ({
    ...{ isThreat, samplingWeight },
    score: judge?.score(votes, group) ?? score,
  }));
}

function blinded({ detectors }: OwnRows, { weights }: Taught): LearningWarning[] {
  return detectors.flatMap(({ id, weight }): LearningWarning[] => {
    const share = (weights?.[id] ?? weight) / weight;
    return share < leastShare ? [{ kind: 'weight', detector: id, share }] : [];
  });
}
