/**
 * @file Whether the int8 graph may score in the f32 graph's place: it ranks the held-back events the same, raises the same alerts, and is
 * worth having. A model whose gate does not hold scores, and is calibrated, in f32.
 */
import type { Quantisation } from '../../shared/models.ts';
import { mostAlerting } from './budget.ts';
import { fitCalibration, minusLog10P } from './calibration.ts';

/**
 * Of the ranks of all held-back events. Most of them hardly surprise, and their order among each other is rounding: where nine in ten events
 * have less than a hundredth of a bit (BGL) it reaches 0.992 with all alerts the same, on other logs 0.998 to 0.9999. A wrong scale gives far less.
 */
const leastRankCorrelation = 0.99;
/** Of the alerts that the budget raises, and of the rarest hundredth of events. */
const leastAlertAgreement = 1;
const leastTailAgreement = 0.98;
/**
 * An alert that the other graph misses by no more than this, in -log10 p, is on the threshold as far as calibration can tell: a quarter
 * rarer or more common, a fifth of a step in severity.
 */
const toleratedScore = 0.1;
/** Less is not worth a second graph. Models of width 256 were measured 1.9 to 3.5 times as fast, on two cores at loads of 2 to 12. */
const leastTimesAsFast = 1.5;
/**
 * Models of width 64 are 1.15 times as fast on a quiet machine: their time goes into other things than these products. On a busy one a single
 * measurement in some dozens says 1.5, and would make another model of the same log.
 */
const leastWidth = 128;

/** Bits of the same held-back events, or sessions, by both graphs. */
export type BothBits = { f32: Float64Array; int8: Float64Array };

export type GateInput = {
  /** Of every token, as the graphs gave them. All are finite. */
  modelBits: { f32: Float32Array; int8: Float32Array };
  /** What alerts: events, or whole sessions. */
  alerting: BothBits;
  events: BothBits;
  timesAsFast: number;
  /** Of the model. */
  width: number;
  /** -log10 p at which the budget alerts. */
  budgetScore: number;
};

export function judgeGraphs({ modelBits, alerting, events, timesAsFast, width, budgetScore }: GateInput): Quantisation {
  const figures = {
    events: events.f32.length,
    rankCorrelation: rankCorrelation(events.f32, events.int8),
    alertAgreement: alertAgreement(alerting, budgetScore),
    tailAgreement: alertAgreement(alerting, -Math.log10(mostAlerting)),
    largestDifferenceNat: largestDifference(modelBits.f32, modelBits.int8) * Math.LN2,
    timesAsFast,
  };
  const holds = {
    'it ranks events differently': figures.rankCorrelation >= leastRankCorrelation,
    'it raises other alerts':
      figures.alertAgreement >= leastAlertAgreement && figures.tailAgreement >= leastTailAgreement,
    'a model this narrow gains little by it': width >= leastWidth,
    'it is hardly faster': timesAsFast >= leastTimesAsFast,
  };
  const reason = Object.entries(holds).find(([, isHeld]) => !isHeld)?.[0] ?? null;
  return { isUsed: reason === null, reason, figures };
}

/** Share of the events that either graph alerts on at -log10 p `score`, each by its own calibration, that the other alerts on or just misses. */
export function alertAgreement({ f32, int8 }: BothBits, score: number): number {
  const calibrations = [fitCalibration(f32), fitCalibration(int8)] as const;
  let [either, both] = [0, 0];
  for (let i = 0; i < f32.length; i++) {
    const one = minusLog10P(calibrations[0], f32[i] ?? 0);
    const other = minusLog10P(calibrations[1], int8[i] ?? 0);
    if (Math.max(one, other) < score) continue;
    either++;
    if (Math.min(one, other) >= score - toleratedScore) both++;
  }
  return either === 0 ? 1 : both / either;
}

/** Spearman's: the correlation of the ranks, equal values sharing theirs. 1 where both are constant. */
export function rankCorrelation(one: Float64Array, other: Float64Array): number {
  const [x, y] = [ranksOf(one), ranksOf(other)];
  const mean = (x.length - 1) / 2;
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [(x[i] ?? 0) - mean, (y[i] ?? 0) - mean];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (xx === 0 && yy === 0) return 1;
  return xy / Math.sqrt(xx * yy);
}

function ranksOf(values: Float64Array): Float64Array {
  const order = Float64Array.from(values, (_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    const value = values[order[from] ?? 0];
    let to = from + 1;
    while (to < order.length && values[order[to] ?? 0] === value) to++;
    for (let i = from; i < to; i++) ranks[order[i] ?? 0] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

function largestDifference(one: Float32Array, other: Float32Array): number {
  let largest = 0;
  one.forEach((value, i) => (largest = Math.max(largest, Math.abs(value - (other[i] ?? 0)))));
  return largest;
}
