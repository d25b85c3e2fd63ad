/** @file Which verdicts are learnt from: at most a thousand, by class, the newest of a sequence only. */
import type { VerdictObjective } from '../../src/shared/alignProtocol.ts';

const mostLabelled = 1000;

export type Labelled = { ids: Int32Array; isThreat: boolean };

/** `labelled` is in the order of the verdicts. Each class has at least its half of the places where it can fill them; the newest stay. */
export function chooseLabelled({ labelled, isThreat }: Pick<VerdictObjective, 'labelled' | 'isThreat'>): Labelled[] {
  const newest = new Map<string, Labelled>();
  isThreat.forEach((verdict, index) => {
    const ids = labelled.ids.subarray(labelled.offsets[index], labelled.offsets[index + 1]);
    if (ids.length < 2) return; // predicts nothing
    const key = ids.join();
    newest.delete(key); // so that it moves to the end of the order
    newest.set(key, { ids, isThreat: verdict });
  });
  const all = [...newest.values()];
  const threats = all.filter((item) => item.isThreat).length;
  const half = mostLabelled / 2;
  const threatPlaces = Math.min(threats, Math.max(half, mostLabelled - (all.length - threats)));
  const places = { threat: threatPlaces, harmless: mostLabelled - threatPlaces };
  return all
    .reverse()
    .filter((item) => (item.isThreat ? places.threat-- : places.harmless--) > 0)
    .reverse();
}
