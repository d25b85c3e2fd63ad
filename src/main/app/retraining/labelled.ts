/** @file The standing verdicts as sequences that a model can learn from, and which of them are left out, and why. */
import { sessionDetectors } from '../../detect/detectors/registry.ts';
import { keyTokens } from '../../../shared/sequences.ts';
import type { LeftOutReason, RetrainPlan } from '../../../shared/retraining.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import type { Services } from '../services.ts';
import type { Labelled } from './split.ts';
import { alertWindows, type AlertFacts } from './windows.ts';

type Decided = StoreMethods['read_labelled_alerts']['output'][number];

export type LabelledAlert = Labelled & {
  alertNumber: number;
  verdictNumber: number;
  /** What scoring reads up to the alert's event. */
  ids: number[];
};

export type LabelledAlerts = {
  /** In the order of the verdicts. */
  items: LabelledAlert[];
  leftOut: RetrainPlan['leftOut'];
  ofDeletedModels: number;
};

const orderDetectors = new Set(sessionDetectors.map(({ id }) => id));
const windowsPerCall = 2000;

export async function readLabelled(
  { store }: Pick<Services, 'store'>,
  { vocabulary, contextLength }: { vocabulary: Vocabulary; contextLength: number },
  signal: AbortSignal,
): Promise<LabelledAlerts> {
  const [decided, numbers] = await Promise.all([
    store.call('read_labelled_alerts', undefined, { signal }),
    store.call('list_alert_numbers', { decidedOnly: true }, { signal }),
  ]);
  const byNumber = new Map(decided.map((one) => [one.number, one]));
  const contradicted = contradictedSignatures(decided);
  const leftOut = new Map<LeftOutReason, number>();
  const items: LabelledAlert[] = [];
  let ofDeletedModels = 0;
  for (let from = 0; from < numbers.length; from += windowsPerCall) {
    const page = await store.call(
      'read_alert_windows',
      { numbers: numbers.slice(from, from + windowsPerCall), events: contextLength },
      { signal },
    );
    for (const { alert, ids, end } of alertWindows(page, vocabulary, contextLength)) {
      const one = byNumber.get(alert.number);
      if (!one) continue; // decided meanwhile
      const reason = whyNot(one, alert, ids, contradicted);
      if (reason !== null) {
        leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
        continue;
      }
      if (one.isModelRemoved) ofDeletedModels++;
      items.push({
        isThreat: one.value === 'true_positive',
        entity: one.entity,
        at: one.at ?? one.eventId,
        alertNumber: alert.number,
        verdictNumber: one.verdictNumber,
        ids: end ?? ids,
      });
    }
  }
  items.sort((a, b) => a.verdictNumber - b.verdictNumber || a.alertNumber - b.alertNumber);
  return { items, leftOut: [...leftOut].map(([reason, count]) => ({ reason, count })), ofDeletedModels };
}

/** Signatures whose alerts were judged to be threats and to be none. */
export function contradictedSignatures(decided: readonly Pick<Decided, 'value' | 'signature'>[]): ReadonlySet<string> {
  const judged = new Map<string, boolean>();
  const both = new Set<string>();
  for (const { value, signature } of decided) {
    if (!isOfClass(value)) continue;
    const isThreat = value === 'true_positive';
    const before = judged.get(signature);
    if (before !== undefined && before !== isThreat) both.add(signature);
    judged.set(signature, isThreat);
  }
  return both;
}

/** Threats and false alarms; what cannot be told, and what is real and allowed, names no class. */
export function isOfClass(value: Decided['value']): boolean {
  return value !== 'undetermined' && value !== 'benign_true_positive';
}

function whyNot(
  { value, signature }: Decided,
  { votes, detector }: AlertFacts,
  ids: readonly number[],
  contradicted: ReadonlySet<string>,
): LeftOutReason | null {
  if (value === 'undetermined') return 'undetermined';
  if (value === 'benign_true_positive') return 'benign';
  if (contradicted.has(signature)) return 'contradicted';
  // Alerts of earlier versions have no votes: the key model raised them.
  const isOfOrder =
    votes.length === 0 ? orderDetectors.has(detector) : votes.some((vote) => orderDetectors.has(vote.detector));
  if (!isOfOrder) return 'not_of_order';
  // To learn that news is harmless in this place would make all other news harmless there.
  if (value !== 'true_positive' && ids.at(-1) === keyTokens.unseen) return 'unknown_kind';
  return null;
}
