/**
 * @file All that verdicts teach at once, as a function of what a model is, the verdicts that stand, and the settings: weights of its detectors,
 * verified normals among what calibrates it, and the threshold. Also what learning it would blind.
 */
import type { AdaptInput, AdaptOutput, Label, LearningWarning } from '../../src/shared/adaptProtocol.ts';
import { flagAbove } from '../../src/shared/decisions.ts';
import type { Joined, Taught } from '../../src/shared/taught.ts';
import { bitsAt } from '../../src/main/detect/calibration.ts';
import type { OwnRows } from '../../src/main/detect/ownRows.ts';
import { fittedUnder, VoteJudge, weightsUnder } from '../../src/main/detect/reweigh.ts';
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
  const learned = rows && taughtBy(said, input, rows);
  const fitted = rows && (learned ? fittedUnder(rows, learned, budgetScore) : { second: rows.second, shift: 0 });
  const taught = learned?.joined ? { ...learned, joined: { ...learned.joined, shift: fitted?.shift ?? 0 } } : learned;
  const second = fitted?.second;
  const labelled = scored(said, rows && second ? judgeUnder(rows, taught?.weights ?? null, second) : null);
  const calibrationRows = Math.round(second?.pooled.count ?? input.calibrationRows);
  const thresholdScore =
    settings.thresholdPreset === 'tutorial'
      ? tutorialThreshold(labelled, { budgetScore, calibrationRows })
      : fitThreshold({
          labelled: withinReach(labelled, budgetScore - maxShift),
          ...{ budgetScore, maxShift, rewards: settings.rewards },
        });
  const missed = (of: readonly LabelledScore[], from: number): number =>
    of.filter(({ isThreat, score }) => isThreat && score < from).length;
  const missedThreats = missed(labelled, thresholdScore);
  const lost = missedThreats - missed(scored(said, rows && judgeUnder(rows, null, rows.second)), budgetScore);
  return {
    thresholdScore,
    taught,
    calibrationRows,
    labelCount: said.length,
    missedThreats,
    falseAlarms: labelled.filter(({ isThreat, score }) => !isThreat && score >= thresholdScore).length,
    warnings: [
      ...(rows && taught ? blinded(rows, taught, said, input) : []),
      ...(lost > 0 ? [{ kind: 'threats' as const, count: lost }] : []),
    ],
  };
}

function taughtBy(said: readonly Said[], input: AdaptInput, rows: OwnRows): Taught | null {
  const weights = weightsBy(said, input, rows);
  const joined = joinedBy(said, input.judged, rows, weights);
  return weights || joined ? { weights, joined } : null;
}

function weightsBy(said: readonly Said[], { settings, budgetScore }: AdaptInput, rows: OwnRows): Taught['weights'] {
  const { pooled, groups } = rows.second;
  const fromOf = (group: string): number => bitsAt(groups[group] ?? pooled, budgetScore);
  const labels = said.map(({ votes, isThreat, group }) => ({ votes, isThreat, from: fromOf(group) }));
  return learnWeights(rows.detectors, labels, flagAbove(settings.rewards));
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

type Scored = LabelledScore & Pick<Label, 'origin' | 'samplingWeight'>;

/** The labels as `judge` scores them; null: as they are stored. */
function scored(said: readonly Said[], judge: VoteJudge | null): Scored[] {
  return said.map(({ votes, group, score, isThreat, origin, samplingWeight }) => ({
    ...{ isThreat, origin, samplingWeight },
    score: judge?.score(votes, group) ?? score,
  }));
}

/**
 * What the fit may learn from. A miss that no threshold would find, however low it may go, would only double the alerts: it is for the weights and for
 * retraining. One within reach counts as any verdict does, whatever it stands for: a sample is drawn by its score, which the fit takes as given, so
 * that weights have nothing to correct, and a single verdict of many thousands would be all that the fit hears.
 */
function withinReach(labelled: readonly Scored[], lowest: number): Scored[] {
  return labelled.filter(
    ({ origin, samplingWeight, score }) => (origin === 'detector' && samplingWeight === 1) || score >= lowest,
  );
}

/**
 * Detectors that one family of lines alone would take so much of their weight that they are blind for all others, too. Where many families say that a
 * detector cries wolf, that is what learning is for.
 */
function blinded(rows: OwnRows, { weights }: Taught, said: readonly Said[], input: AdaptInput): LearningWarning[] {
  return rows.detectors.flatMap(({ id, weight }): LearningWarning[] => {
    const share = (weights?.[id] ?? weight) / weight;
    if (share >= leastShare) return [];
    const against = said.filter(({ isThreat, votes }) => !isThreat && votes.some(({ detector }) => detector === id));
    const families = [...Map.groupBy(against, ({ group }) => group)].sort(([, a], [, b]) => b.length - a.length);
    const largest = families[0]?.[0];
    const others = weightsBy(
      said.filter(({ group }) => group !== largest),
      input,
      rows,
    );
    return (others?.[id] ?? weight) / weight >= leastShare ? [{ kind: 'weight', detector: id, share }] : [];
  });
}
