/** @file What a classifier shows on the test part, beside baselines that need no model, and what it does not show. */
import {
  alarmProbability,
  type Calibration,
  type LabelledWindows,
  type TestReport,
  type WindowPart,
} from '../../shared/classify.ts';
import { probabilityOf } from './calibrate.ts';
import { brierScore, qualityOf, reliabilityOf } from './quality.ts';
import { countOf, rowOf, SeenWindows } from './windows.ts';

export type Parts = Record<WindowPart, LabelledWindows>;

/** `logits` of the test part. */
export function reportOf({ train, test }: Parts, logits: ArrayLike<number>, calibration: Calibration): TestReport {
  const { labels } = test;
  const rows = [...labels.keys()].map((index) => rowOf(test, index));
  const seen = new SeenWindows(train);
  const known = new Set(train.ids);
  const { windows, anomalous } = countOf(train);
  const probabilities = Float64Array.from(logits, (logit) => probabilityOf(logit, calibration));
  const raw = Float64Array.from(logits, (logit) => probabilityOf(logit, { slope: 1, offset: 0 }));
  const isAlarm = [...probabilities].map((probability) => probability >= alarmProbability);
  const unseenIds = rows.map((row) => row.reduce((sum, id) => sum + (known.has(id) ? 0 : 1), 0));
  const seenAnomalous = rows.map((row) => shareOf(seen.of(row)));
  const isNew = rows.map((row) => seen.of(row).normal + seen.of(row).anomalous === 0);
  const only = (index: number): boolean => isNew[index] === true;
  const newPlaces = [...labels.keys()].filter(only);
  return {
    classifier: qualityOf(isAlarm, labels, probabilities),
    baselines: {
      majority: qualityOf(
        rows.map(() => 2 * anomalous > windows),
        labels,
        null,
      ),
      unseenId: qualityOf(
        unseenIds.map((count) => count > 0),
        labels,
        unseenIds,
      ),
      seenAnomalous: qualityOf(
        seenAnomalous.map((share) => share > 0.5),
        labels,
        seenAnomalous,
      ),
    },
    brier: { raw: brierScore(raw, labels), calibrated: brierScore(probabilities, labels) },
    reliability: reliabilityOf(probabilities, labels),
    withoutDuplicates: qualityOf(
      newPlaces.map((place) => isAlarm[place] === true),
      labels.filter((_, place) => only(place)),
      newPlaces.map((place) => probabilities[place] ?? 0),
    ),
  };
}

/** Of equal windows in training, the share that was anomalous; a window that was not there has none. */
function shareOf({ normal, anomalous }: { normal: number; anomalous: number }): number {
  return normal + anomalous > 0 ? anomalous / (normal + anomalous) : 0;
}

export function duplicatesOf({ train, test }: Parts): { testInTrain: number; withinTrain: number } {
  const seen = new SeenWindows(train);
  const testInTrain = [...test.labels.keys()].filter((index) => {
    const { normal, anomalous } = seen.of(rowOf(test, index));
    return normal + anomalous > 0;
  }).length;
  return { testInTrain, withinTrain: train.labels.length - seen.distinct };
}

/** Why the figures of a classifier say nothing of its quality; null where they do. */
export function noQualityOf({ train, test }: Parts): string | null {
  const [learned, shown] = [countOf(train), countOf(test)];
  if (learned.anomalous === 0)
    return 'No window of the training part is anomalous: it could only learn to call everything normal. No quality is claimed.';
  if (learned.anomalous === learned.windows)
    return 'Every window of the training part is anomalous: it could only learn to call everything so. No quality is claimed.';
  if (shown.anomalous === 0)
    return 'No window of the test part is anomalous: nothing shows what it would find. No quality is claimed.';
  if (shown.windows === shown.anomalous)
    return 'Every window of the test part is anomalous: nothing shows how often it is wrong. No quality is claimed.';
  return null;
}
