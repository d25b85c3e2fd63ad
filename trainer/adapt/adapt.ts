/**
 * @file All that verdicts teach at once, as a function of what a model is, the verdicts that stand, and the settings: weights of its detectors,
 * verified normals among what calibrates it, and the threshold. Also what learning it would blind.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  isMeant,
  type AdaptInput,
  type AdaptOutput,
  type Label,
  type LearningWarning,
} from '../../src/shared/adaptProtocol.ts';
import type { Joined, Taught } from '../../src/shared/taught.ts';
import { bitsAt, type Calibration } from '../../src/main/detect/calibration.ts';
import type { OwnRows } from '../../src/main/detect/ownRows.ts';
import { fittedUnder, VoteJudge, weightsUnder } from '../../src/main/detect/reweigh.ts';
import { leastAgreeing, leastScoreOf, severeFrom } from '../../src/main/detect/severity.ts';
import { blindedDetectors, heldUp, silencedBy, withoutSilencing, type Silenced } from './blinding.ts';
import { fitThreshold, type LabelledScore } from './threshold.ts';
import { tutorialThreshold } from './tutorial.ts';
import { learnWeights } from './weights.ts';

/** Kept of each version: the newest. */
const mostJoined = 500;

type Said = Label & {
  isThreat: boolean;
  /** Under the model's own weights; as it is stored where there are no votes to compute it from. */
  ownScore: number;
  /** A false alarm of whose like another verdict says threat: nothing is learned from it. */
  isContradicted: boolean;
  /** A false alarm that is severe, and one verdict alone says so, which may be wrong. */
  isAlone: boolean;
};

/** What a version would be, and the confirmed threats that it would not show any more. */
type Candidate = Omit<AdaptOutput, 'warnings' | 'labelCount'> & { lost: number };

/**
 * With what a version's calibration would be: all rows that were held back are sorted for it, which no number of verdicts changes. `alertsAt` and
 * `severeAt`: of a group, -log10 of the smallest weighed p-value from which on rows alert, and are severe, under the model's own weights.
 */
type Model = { rows: OwnRows; fit: Fit; alertsAt: ByGroup; severeAt: ByGroup };
type Fit = (taught: Pick<Taught, 'weights' | 'joined'>) => ReturnType<typeof fittedUnder>;
type ByGroup = (group: string) => number;

function modelOf(rows: OwnRows, budgetScore: number): Model {
  return {
    ...{ rows, fit: fitOnce(rows, budgetScore) },
    alertsAt: bitsOnce(rows, budgetScore),
    severeAt: bitsOnce(rows, leastScoreOf(severeFrom, budgetScore)),
  };
}

/** Each group's calibration is searched once, however many verdicts are on it. */
function bitsOnce({ second: { groups, pooled } }: OwnRows, score: number): ByGroup {
  const known = new Map<Calibration, number>();
  return (group) => {
    const calibration = groups[group] ?? pooled;
    const bits = known.get(calibration) ?? bitsAt(calibration, score);
    known.set(calibration, bits);
    return bits;
  };
}

/** Each is fitted once, however often it is asked for. */
function fitOnce(rows: OwnRows, budgetScore: number): Fit {
  const known: { weights: Taught['weights']; joined: Joined | null; fitted: ReturnType<typeof fittedUnder> }[] = [];
  return ({ weights, joined }) => {
    const found = known.find((one) => one.weights === weights && one.joined === joined);
    if (found) return found.fitted;
    const fitted = fittedUnder(rows, { weights, joined }, budgetScore);
    known.push({ weights, joined, fitted });
    return fitted;
  };
}

/** `rows`: of the model; null for one of before they were kept. */
export function adapt(input: AdaptInput, rows: OwnRows | null): AdaptOutput {
  const model = rows && modelOf(rows, input.budgetScore);
  const own = rows && judgeUnder(rows, null, rows.second);
  const severe = leastScoreOf(severeFrom, input.budgetScore);
  const said = input.labels.flatMap((label): Said[] => {
    const isThreat = label.value === 'true_positive';
    // A benign true positive is no threat, and no mistake of the detectors either; undetermined says nothing.
    if (!isThreat && !label.value.startsWith('false_positive')) return [];
    const { agreeing, votes, group, score } = label;
    const ownScore = own?.score(votes, group) ?? score;
    // As severe as the model's own weights make it, so that what is taught does not hang on what was.
    const isSevere = ownScore >= severe;
    return [
      {
        ...{ ...label, isThreat, ownScore },
        isContradicted: !isThreat && agreeing === 0,
        isAlone: !isThreat && agreeing < leastAgreeing && isSevere,
      },
    ];
  });
  const learned = model && weightsBy(said, model);
  const blinding =
    model && learned ? blindedDetectors(model.rows.detectors, learned, said, (labels) => weightsBy(labels, model)) : [];
  const heldWeights = blinding.filter((warning) => !isMeant(warning, input.meant));
  const weights = rows && learned ? heldUp(rows, learned, heldWeights) : null;
  const { taught, silencing } = model ? taughtBy(said, input, model, weights) : { taught: null, silencing: [] };
  const held = [...heldWeights, ...silencing];
  const candidate = candidateOf(said, input, model, taught);
  const warning: LearningWarning = { kind: 'threats', count: candidate.lost };
  const isHeld = candidate.lost > 0 && !isMeant(warning, input.meant);
  const { lost: _lost, ...version } = isHeld ? lossless(said, input, model, weights) : candidate;
  return { ...version, labelCount: said.length, warnings: isHeld ? [...held, warning] : held };
}

/** As much of it as loses no confirmed threat: the weights without the normals that joined, only the threshold, at last the budget. */
function lossless(
  said: readonly Said[],
  input: AdaptInput,
  model: Model | null,
  weights: Taught['weights'],
): Candidate {
  const alone = weights && candidateOf(said, input, model, { weights, joined: null });
  if (alone && alone.lost <= 0) return alone;
  const fitted = candidateOf(said, input, model, null);
  return fitted.lost <= 0 ? fitted : candidateOf(said, input, model, null, input.budgetScore);
}

function candidateOf(
  said: readonly Said[],
  input: AdaptInput,
  model: Model | null,
  learned: Taught | null,
  fixedScore?: number,
): Candidate {
  const { budgetScore, maxShift, settings } = input;
  const rows = model?.rows ?? null;
  const fitted = model && (learned ? model.fit(learned) : { second: model.rows.second, shift: 0 });
  const taught = learned?.joined ? { ...learned, joined: { ...learned.joined, shift: fitted?.shift ?? 0 } } : learned;
  const second = fitted?.second;
  const labelled = scored(said, rows && second ? judgeUnder(rows, taught?.weights ?? null, second) : null);
  const calibrationRows = Math.round(second?.pooled.count ?? input.calibrationRows);
  const believed = labelled.filter(({ isContradicted, isAlone }) => !isContradicted && !isAlone);
  const byRule = (): number =>
    settings.thresholdPreset === 'tutorial'
      ? tutorialThreshold(believed, { budgetScore, calibrationRows })
      : fitThreshold({
          labelled: withinReach(believed, budgetScore - maxShift),
          ...{ budgetScore, maxShift, rewards: settings.rewards },
        });
  const thresholdScore = fixedScore ?? byRule();
  const missedThreats = labelled.filter(({ isThreat, score }) => isThreat && score < thresholdScore).length;
  const missedBefore = said.filter(({ isThreat, ownScore }) => isThreat && ownScore < budgetScore).length;
  return {
    ...{ thresholdScore, taught, calibrationRows, missedThreats },
    falseAlarms: labelled.filter(({ isThreat, score }) => !isThreat && score >= thresholdScore).length,
    lost: missedThreats - missedBefore,
  };
}

/** `silencing`: what of the verified normals is left out, as with them lines of one family would hardly alert any more. */
function taughtBy(
  said: readonly Said[],
  input: AdaptInput,
  model: Model,
  weights: Taught['weights'],
): { taught: Taught | null; silencing: LearningWarning[] } {
  const joinedWithout = (families: ReadonlySet<string>): Joined | null =>
    joinedBy(said, input, model, { weights, families });
  const silenced = (joined: Joined | null): Silenced =>
    silencedBy(model.rows.second, model.fit({ weights, joined }).second, input.budgetScore);
  const { families, joined } = withoutSilencing(joinedWithout, silenced, (warning) => isMeant(warning, input.meant));
  return { taught: weights || joined ? { weights, joined } : null, silencing: families };
}

function weightsBy(said: readonly Said[], { rows, alertsAt }: Model): Taught['weights'] {
  const labels = said.map(({ votes, isThreat, group }) => ({ votes, isThreat, from: alertsAt(group) }));
  return learnWeights(rows.detectors, labels);
}

/**
 * False alarms but those of some families, with the part of the judged rows that the decided alerts stand for. What is severe and was said once is as
 * normal as something that just is not severe: one wrong verdict may teach that what is rare is normal, and not that what is severe is.
 */
function joinedBy(
  said: readonly Said[],
  { judged, joinedBefore }: AdaptInput,
  { rows, severeAt }: Model,
  { weights, families }: { weights: Taught['weights']; families: ReadonlySet<string> },
): Joined | null {
  const judge = judgeUnder(rows, weights, rows.second);
  const normals = said
    .filter(({ isThreat, isContradicted, origin }) => !isThreat && !isContradicted && origin === 'detector')
    .filter(({ group }) => !families.has(group));
  const scores: Joined['scores'] = {};
  for (const { votes, group, isAlone } of normals.slice(-mostJoined)) {
    const score = judge.first(votes);
    const most = isAlone ? severeAt(group) : Infinity;
    if (score !== null) (scores[group] ??= []).push(Math.min(score, most));
  }
  const share = normals.length === 0 ? 0 : Math.min(1, mostJoined / normals.length);
  const before = joinedBefore.find((one) => isDeepStrictEqual(one.scores, scores));
  const count = before?.rows ?? Math.round(judged.rows * judged.decidedShare * share);
  return normals.length === 0 || count === 0 ? null : { rows: count, scores, shift: 0 };
}

function judgeUnder(rows: OwnRows, weights: Taught['weights'], second: OwnRows['second']): VoteJudge {
  const own = weightsUnder(rows, weights);
  return new VoteJudge(
    rows.detectors.map(({ id }, place) => ({ id, weight: own[place] ?? 0 })),
    second,
  );
}

type Scored = LabelledScore & Pick<Said, 'origin' | 'samplingWeight' | 'isContradicted' | 'isAlone'>;

/** The labels as `judge` scores them; null: as they are stored. */
function scored(said: readonly Said[], judge: VoteJudge | null): Scored[] {
  return said.map(({ votes, group, score, isThreat, isContradicted, isAlone, origin, samplingWeight }) => ({
    ...{ isThreat, isContradicted, isAlone, origin, samplingWeight },
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
