/**
 * @file All that verdicts teach at once, as a function of what a model is, the verdicts that stand, and the settings: weights of its detectors,
 * verified normals among what calibrates it, and the threshold. Also what learning it would blind.
 */
import {
  isMeant,
  type AdaptInput,
  type AdaptOutput,
  type Label,
  type LearningWarning,
} from '../../src/shared/adaptProtocol.ts';
import type { Joined, Taught } from '../../src/shared/taught.ts';
import { bitsAt } from '../../src/main/detect/calibration.ts';
import type { OwnRows } from '../../src/main/detect/ownRows.ts';
import { fittedUnder, VoteJudge, weightsUnder } from '../../src/main/detect/reweigh.ts';
import { leastAgreeing, leastScoreOf, severeFrom } from '../../src/main/detect/severity.ts';
import { fitThreshold, type LabelledScore } from './threshold.ts';
import { tutorialThreshold } from './tutorial.ts';
import { learnWeights } from './weights.ts';

/** A detector that keeps less than this of its weight would be blind to what it alone sees. */
const leastShare = 0.25;
/** Kept of each version: the newest. */
const mostJoined = 500;

type Said = Label & {
  isThreat: boolean;
  /** A false alarm that may be a mistake: another verdict says threat of its like, or it is severe and one verdict alone says so. */
  isDoubted: boolean;
};

/** What a version would be, and the confirmed threats that it would not show any more. */
type Candidate = Omit<AdaptOutput, 'warnings' | 'labelCount'> & { lost: number };

/** `rows`: of the model; null for one of before they were kept. */
export function adapt(input: AdaptInput, rows: OwnRows | null): AdaptOutput {
  const own = rows && judgeUnder(rows, null, rows.second);
  const said = input.labels.flatMap((label): Said[] => {
    const isThreat = label.value === 'true_positive';
    // A benign true positive is no threat, and no mistake of the detectors either; undetermined says nothing.
    if (!isThreat && !label.value.startsWith('false_positive')) return [];
    return [{ ...label, isThreat, isDoubted: !isThreat && isDoubtful(label, input.budgetScore, own) }];
  });
  const learned = rows && weightsBy(said, input, rows);
  const blinding = rows && learned ? blinded(rows, learned, said, input) : [];
  const held = blinding.filter((warning) => !isMeant(warning, input.meant));
  const weights = rows && learned ? heldUp(rows, learned, held) : null;
  const candidate = candidateOf(said, input, rows, rows && taughtBy(said, input, rows, weights));
  const warning: LearningWarning = { kind: 'threats', count: candidate.lost };
  const isHeld = candidate.lost > 0 && !isMeant(warning, input.meant);
  const { lost: _lost, ...version } = isHeld ? lossless(said, input, rows, weights) : candidate;
  return { ...version, labelCount: said.length, warnings: isHeld ? [...held, warning] : held };
}

/**
 * What folds under two verdicts that agree, as one may be wrong, is no normal for the threshold and the calibration before: by these one verdict would
 * hide what is nothing like it. As severe as the model's own weights make it, so that what is taught does not hang on what was.
 */
function isDoubtful({ agreeing, votes, group, score }: Label, budgetScore: number, own: VoteJudge | null): boolean {
  if (agreeing === 0) return true;
  return agreeing < leastAgreeing && (own?.score(votes, group) ?? score) >= leastScoreOf(severeFrom, budgetScore);
}

/** As much of it as loses no confirmed threat: the weights without the normals that joined, only the threshold, at last the budget. */
function lossless(
  said: readonly Said[],
  input: AdaptInput,
  rows: OwnRows | null,
  weights: Taught['weights'],
): Candidate {
  const alone = weights && candidateOf(said, input, rows, { weights, joined: null });
  if (alone && alone.lost <= 0) return alone;
  const fitted = candidateOf(said, input, rows, null);
  return fitted.lost <= 0 ? fitted : candidateOf(said, input, rows, null, input.budgetScore);
}

function candidateOf(
  said: readonly Said[],
  input: AdaptInput,
  rows: OwnRows | null,
  learned: Taught | null,
  fixedScore?: number,
): Candidate {
  const { budgetScore, maxShift, settings } = input;
  const fitted = rows && (learned ? fittedUnder(rows, learned, budgetScore) : { second: rows.second, shift: 0 });
  const taught = learned?.joined ? { ...learned, joined: { ...learned.joined, shift: fitted?.shift ?? 0 } } : learned;
  const second = fitted?.second;
  const labelled = scored(said, rows && second ? judgeUnder(rows, taught?.weights ?? null, second) : null);
  const calibrationRows = Math.round(second?.pooled.count ?? input.calibrationRows);
  const believed = labelled.filter(({ isDoubted }) => !isDoubted);
  const byRule = (): number =>
    settings.thresholdPreset === 'tutorial'
      ? tutorialThreshold(believed, { budgetScore, calibrationRows })
      : fitThreshold({
          labelled: withinReach(believed, budgetScore - maxShift),
          ...{ budgetScore, maxShift, rewards: settings.rewards },
        });
  const thresholdScore = fixedScore ?? byRule();
  const missed = (of: readonly LabelledScore[], from: number): number =>
    of.filter(({ isThreat, score }) => isThreat && score < from).length;
  const missedThreats = missed(labelled, thresholdScore);
  return {
    ...{ thresholdScore, taught, calibrationRows, missedThreats },
    falseAlarms: labelled.filter(({ isThreat, score }) => !isThreat && score >= thresholdScore).length,
    lost: missedThreats - missed(scored(said, rows && judgeUnder(rows, null, rows.second)), budgetScore),
  };
}

function taughtBy(said: readonly Said[], input: AdaptInput, rows: OwnRows, weights: Taught['weights']): Taught | null {
  const joined = joinedBy(said, input, rows, weights);
  return weights || joined ? { weights, joined } : null;
}

/** Weights of which no detector that is named falls further than to what it can still be heard with; the others share what that takes. */
function heldUp(
  { detectors }: OwnRows,
  weights: NonNullable<Taught['weights']>,
  held: readonly LearningWarning[],
): Taught['weights'] {
  const least = new Map(
    detectors
      .filter(({ id }) => held.some((one) => one.kind === 'weight' && one.detector === id))
      .map(({ id, weight }) => [id, leastShare * weight]),
  );
  if (least.size === 0) return weights;
  const kept = [...least.values()].reduce((sum, weight) => sum + weight, 0);
  const others = detectors.reduce((sum, { id }) => sum + (least.has(id) ? 0 : (weights[id] ?? 0)), 0);
  const factor = others > 0 ? (1 - kept) / others : 0;
  return Object.fromEntries(detectors.map(({ id }) => [id, least.get(id) ?? (weights[id] ?? 0) * factor]));
}

function weightsBy(said: readonly Said[], { budgetScore }: AdaptInput, rows: OwnRows): Taught['weights'] {
  const { pooled, groups } = rows.second;
  const fromOf = (group: string): number => bitsAt(groups[group] ?? pooled, budgetScore);
  const labels = said.map(({ votes, isThreat, group }) => ({ votes, isThreat, from: fromOf(group) }));
  return learnWeights(rows.detectors, labels);
}

/** False alarms, with the part of the judged rows that the decided alerts stand for. */
function joinedBy(
  said: readonly Said[],
  { judged, joinedBefore }: AdaptInput,
  rows: OwnRows,
  weights: Taught['weights'],
): Joined | null {
  const judge = judgeUnder(rows, weights, rows.second);
  const normals = said.filter(({ isThreat, isDoubted, origin }) => !isThreat && !isDoubted && origin === 'detector');
  const scores: Joined['scores'] = {};
  for (const { votes, group } of normals.slice(-mostJoined)) {
    const score = judge.first(votes);
    if (score !== null) (scores[group] ??= []).push(score);
  }
  const share = normals.length === 0 ? 0 : Math.min(1, mostJoined / normals.length);
  const count = Math.round(judged.rows * judged.decidedShare * share);
  if (normals.length === 0 || count === 0) return null;
  const isSaidBefore = JSON.stringify(joinedBefore?.scores ?? null) === JSON.stringify(scores);
  return { rows: isSaidBefore ? (joinedBefore?.rows ?? count) : count, scores, shift: 0 };
}

function judgeUnder(rows: OwnRows, weights: Taught['weights'], second: OwnRows['second']): VoteJudge {
  const own = weightsUnder(rows, weights);
  return new VoteJudge(
    rows.detectors.map(({ id }, place) => ({ id, weight: own[place] ?? 0 })),
    second,
  );
}

type Scored = LabelledScore & Pick<Said, 'origin' | 'samplingWeight' | 'isDoubted'>;

/** The labels as `judge` scores them; null: as they are stored. */
function scored(said: readonly Said[], judge: VoteJudge | null): Scored[] {
  return said.map(({ votes, group, score, isThreat, isDoubted, origin, samplingWeight }) => ({
    ...{ isThreat, isDoubted, origin, samplingWeight },
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
function blinded(
  rows: OwnRows,
  weights: NonNullable<Taught['weights']>,
  said: readonly Said[],
  input: AdaptInput,
): LearningWarning[] {
  return rows.detectors.flatMap(({ id, weight }): LearningWarning[] => {
    const share = (weights[id] ?? weight) / weight;
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
