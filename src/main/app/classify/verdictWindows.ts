/** @file The analyst's verdicts as labelled windows: the last events of a session up to an alert's, as the workspace's kinds of line. */
import type { LabelledWindows } from '../../../shared/classify.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import type { Parts } from '../../classify/report.ts';
import { noEvent } from '../../classify/windows.ts';
import type { Services } from '../services.ts';

type Decided = StoreMethods['read_labelled_alerts']['output'][number];

const windowsPerCall = 2000;
/** Of all, the newest by the log's time. */
const testShare = 0.2;

/**
 * Confirmed threats are anomalous, false alarms normal. Left out is what cannot be told, what is real and allowed, and alerts of the same kind
 * that were judged in both ways.
 */
export async function verdictWindows({ store }: Pick<Services, 'store'>, length: number): Promise<Parts> {
  const [decided, numbers] = await Promise.all([
    store.call('read_labelled_alerts', undefined),
    store.call('list_alert_numbers', { decidedOnly: true }),
  ]);
  const contradicted = contradictedSignatures(decided);
  const byNumber = new Map(decided.map((one) => [one.number, one]));
  const found: { at: number; label: number; ids: number[] }[] = [];
  for (let from = 0; from < numbers.length; from += windowsPerCall) {
    const asked = { numbers: numbers.slice(from, from + windowsPerCall), events: length };
    const { alerts, keys, offsets } = await store.call('read_alert_windows', asked);
    alerts.forEach(({ number }, index) => {
      const one = byNumber.get(number);
      const label = one && labelOf(one.value);
      if (!one || label === undefined || contradicted.has(one.signature)) return;
      const [first, end] = [offsets[index] ?? 0, offsets[index + 1] ?? 0];
      if (end === first) return; // its log is gone
      const rows = Array.from(
        { length: Math.min(length, end - first) },
        (_, i) => end - Math.min(length, end - first) + i,
      );
      const kinds = rows.map((row) => keys[2 * row] ?? 0);
      const ids = [...Array.from({ length: length - kinds.length }, () => noEvent), ...kinds];
      found.push({ at: one.at ?? one.eventId, label, ids });
    });
  }
  found.sort((a, b) => a.at - b.at);
  const cut = found.length - Math.floor(found.length * testShare);
  const part = (items: typeof found): LabelledWindows => ({
    length,
    ids: Int32Array.from(items.flatMap(({ ids }) => ids)),
    labels: Uint8Array.from(items, ({ label }) => label),
  });
  return { train: part(found.slice(0, cut)), test: part(found.slice(cut)) };
}

function labelOf(value: Decided['value']): number | undefined {
  if (value === 'true_positive') return 1;
  return value === 'false_positive_logic' || value === 'false_positive_data' ? 0 : undefined;
}

function contradictedSignatures(decided: readonly Decided[]): ReadonlySet<string> {
  const judged = new Map<string, number>();
  const both = new Set<string>();
  for (const { value, signature } of decided) {
    const label = labelOf(value);
    if (label === undefined) continue;
    if ((judged.get(signature) ?? label) !== label) both.add(signature);
    judged.set(signature, label);
  }
  return both;
}
