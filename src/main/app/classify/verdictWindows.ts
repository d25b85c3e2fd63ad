/** @file The analyst's verdicts as labelled windows: the last events of a session up to an alert's, as kinds of line of the model in use. */
import { noEvent, unknownEvent } from '../../classify/windows.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import type { KeyModel } from '../keyModel.ts';
import { contradictedSignatures, isOfClass } from '../retraining/labelled.ts';
import type { Labelled } from '../retraining/split.ts';
import type { Services } from '../services.ts';

export type VerdictWindow = Labelled & { alertNumber: number; ids: number[]; weight: number };

const windowsPerCall = 2000;
/** An event that was drawn at random stands for many, and a few of them must not outweigh all else. */
const largestWeight = 10;

/**
 * Confirmed threats are anomalous, false alarms normal. Left out is what cannot be told, what is real and allowed, and alerts of the same kind
 * that were judged in both ways.
 */
export async function verdictWindows(
  { store }: Pick<Services, 'store'>,
  { vocabulary, detection: { versions } }: Pick<KeyModel, 'vocabulary' | 'detection'>,
  length: number,
): Promise<VerdictWindow[]> {
  const [decided, numbers] = await Promise.all([
    store.call('read_labelled_alerts', undefined),
    store.call('list_alert_numbers', { decidedOnly: true }),
  ]);
  const contradicted = contradictedSignatures(decided);
  const byNumber = new Map(decided.map((one) => [one.number, one]));
  const found: VerdictWindow[] = [];
  for (let from = 0; from < numbers.length; from += windowsPerCall) {
    const asked = { numbers: numbers.slice(from, from + windowsPerCall), events: length };
    const { alerts, keys, offsets } = await store.call('read_alert_windows', asked);
    await versions?.read(keys.filter((_, i) => i % 2 === 0));
    alerts.forEach(({ number }, index) => {
      const one = byNumber.get(number);
      const [first, end] = [offsets[index] ?? 0, offsets[index + 1] ?? 0];
      // Where there is nothing, its log is gone.
      if (!one || !isOfClass(one.value) || contradicted.has(one.signature) || end === first) return;
      found.push({
        alertNumber: number,
        isThreat: one.value === 'true_positive',
        entity: one.entity,
        at: one.at ?? one.eventId,
        ids: windowEndingAt(end - first - 1, length, (place) => {
          const row = first + place;
          return eventIdOf(vocabulary, keys[2 * row] ?? 0, keys[2 * row + 1] ?? -1);
        }),
        weight: Math.min(largestWeight, one.samplingWeight ?? 1),
      });
    });
  }
  return found.sort((a, b) => a.at - b.at || a.alertNumber - b.alertNumber);
}

/** Of the places up to one, where what is before the first is no event. */
export function windowEndingAt(place: number, length: number, idAt: (place: number) => number): number[] {
  return Array.from({ length }, (_, i) => {
    const at = place - length + 1 + i;
    return at < 0 ? noEvent : idAt(at);
  });
}

/** The template by which the model knows a kind of line: severities are no other kind to a classifier, versions of a kind are that kind. */
export function eventIdOf(vocabulary: Vocabulary, templateIndex: number, severity: number): number {
  return vocabulary.entryOf(vocabulary.idOf(templateIndex, severity))?.templateIndex ?? unknownEvent;
}
