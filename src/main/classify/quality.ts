/** @file How well windows are told apart: counts at a decision, the ranking, and how far probabilities can be believed. */
import type { ClassifierQuality, ReliabilityBin } from '../../shared/classify.ts';

/** `scores` rank, higher for anomalous; null where there is only a decision. */
export function qualityOf(
  isAlarm: ArrayLike<boolean>,
  labels: Uint8Array,
  scores: ArrayLike<number> | null,
): ClassifierQuality {
  let [truePositives, falsePositives, anomalous] = [0, 0, 0];
  labels.forEach((label, i) => {
    anomalous += label;
    if (!isAlarm[i]) return;
    if (label === 1) truePositives++;
    else falsePositives++;
  });
  const alarms = truePositives + falsePositives;
  // Undefined, not zero: without alarms no share of them is right, without anomalies none can be found.
  const precision = alarms > 0 ? truePositives / alarms : null;
  const recall = anomalous > 0 ? truePositives / anomalous : null;
  const f1 = anomalous > 0 ? (2 * truePositives) / (alarms + anomalous) : null;
  const averagePrecision = scores && anomalous > 0 ? averagePrecisionOf(scores, labels) : null;
  return { windows: labels.length, anomalous, truePositives, falsePositives, precision, recall, f1, averagePrecision };
}

/** Mean precision over the anomalous windows from the highest score down; equal scores are taken together. */
export function averagePrecisionOf(scores: ArrayLike<number>, labels: Uint8Array): number {
  const order = [...labels.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const total = labels.reduce((sum, label) => sum + label, 0);
  let [found, seen, sum] = [0, 0, 0];
  for (let at = 0; at < order.length;) {
    const score = scores[order[at] ?? 0] ?? 0;
    let foundHere = 0;
    while (at < order.length && (scores[order[at] ?? 0] ?? 0) === score) {
      foundHere += labels[order[at] ?? 0] ?? 0;
      seen++;
      at++;
    }
    found += foundHere;
    sum += foundHere * (found / seen);
  }
  return total > 0 ? sum / total : 0;
}

/** Mean squared error of the probability. */
export function brierScore(probabilities: ArrayLike<number>, labels: Uint8Array): number {
  return labels.reduce((sum, label, i) => sum + ((probabilities[i] ?? 0) - label) ** 2, 0) / Math.max(1, labels.length);
}

/** Tenths that have windows. */
export function reliabilityOf(probabilities: ArrayLike<number>, labels: Uint8Array): ReliabilityBin[] {
  const bins = Array.from({ length: 10 }, (_, i) => ({
    from: i / 10,
    to: (i + 1) / 10,
    windows: 0,
    sum: 0,
    anomalous: 0,
  }));
  labels.forEach((label, i) => {
    const probability = probabilities[i] ?? 0;
    const bin = bins[Math.min(9, Math.floor(probability * 10))];
    if (!bin) return;
    bin.windows++;
    bin.sum += probability;
    bin.anomalous += label;
  });
  return bins
    .filter(({ windows }) => windows > 0)
    .map(({ sum, ...bin }) => ({ ...bin, meanProbability: sum / bin.windows }));
}
