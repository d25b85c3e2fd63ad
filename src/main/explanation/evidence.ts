/** @file What a language model is told of an alert: figures of ours in words of ours, and the log's texts as lines of data. */
import type { VerdictValue } from '../../shared/verdicts.ts';
import { asData } from './fence.ts';

export type EvidenceEvent = {
  lineNumber: number | null;
  /** Hostile. */
  text: string;
  bits: number;
  isCulprit: boolean;
  /** Most probable instead, as templates: hostile, too. */
  expected: { text: string; probability: number }[];
};

export type Evidence = {
  /** A-12 */
  name: string;
  severity: string;
  /** Null where the preset gives none. */
  p: number | null;
  thresholdP: number | null;
  bits: number;
  /** One sentence of ours: how unusual it is. */
  reading: string;
  /** Detectors by name, the strongest first, with their own p-values. */
  votes: { name: string; p: number }[];
  line: { lineNumber: number; text: string };
  /** Around the events that surprised, in order. */
  sequence: EvidenceEvent[];
  who: string;
  host: string | null;
  nearest: { name: string; value: VerdictValue; similarity: number }[];
};

const verdictPhrases: Record<VerdictValue, string> = {
  true_positive: 'an attack',
  benign_true_positive: 'real but allowed',
  false_positive_logic: 'a false alarm of the model',
  false_positive_data: 'a fault of the log',
  undetermined: 'not decided',
};

const sequenceShown = 10;
const votesShown = 4;

/** At most so many events, and among them those that surprised most. */
export function shownSequence<E extends { isCulprit: boolean; bits: number }>(events: readonly E[]): E[] {
  const culprits = events.flatMap(({ isCulprit }, index) => (isCulprit ? [index] : []));
  const strongest = culprits.toSorted((a, b) => (events[b]?.bits ?? 0) - (events[a]?.bits ?? 0))[0];
  const end = Math.min(events.length, (strongest ?? events.length - 1) + 2);
  return events.slice(Math.max(0, end - sequenceShown), end);
}

/** Two digits that count: 0.000123 → 0.00012. */
export function probabilityText(p: number): string {
  if (p <= 0) return '0';
  return p < 1e-6 ? p.toExponential(1) : String(Number(p.toPrecision(2)));
}

/** Sentences that need no text of a log. */
export function figureSentences(evidence: Evidence): string[] {
  const { name, severity, p, thresholdP, bits, reading, votes, nearest } = evidence;
  const sentences = [`${name} was raised as anomalous, severity ${severity}.`];
  if (p !== null) {
    const limit = thresholdP === null ? '' : `, and the threshold is ${probabilityText(thresholdP)}`;
    sentences.push(`Its p-value is ${probabilityText(p)}${limit}: that share of normal events is as unusual.`);
  }
  if (bits > 0) sentences.push(`The strongest event surprised the model by ${bits.toFixed(1)} bits.`);
  if (reading !== '') sentences.push(reading);
  if (votes.length > 0) {
    const said = votes.slice(0, votesShown).map((vote) => `${vote.name} (p ${probabilityText(vote.p)})`);
    sentences.push(`Detectors that say so: ${said.join(', ')}.`);
  }
  for (const near of nearest) {
    const share = Math.round(near.similarity * 100);
    sentences.push(`${near.name}, ${share} % alike, was decided by an analyst as ${verdictPhrases[near.value]}.`);
  }
  if (nearest.length === 0) sentences.push('No alert like it was decided before.');
  return sentences;
}

/** Nothing where it was only counted: no network gave bits. */
function bitsText(bits: number): string {
  return bits > 0 ? `, ${bits.toFixed(1)} bits` : '';
}

/** Lines of data: each begins with words of ours and holds one text of the log, or several in quotation marks. */
export function dataLines({ line, sequence, who, host }: Evidence): string[] {
  return [
    `line ${line.lineNumber} that was flagged: ${asData(line.text)}`,
    `who: ${asData(who)}`,
    ...(host === null ? [] : [`host: ${asData(host)}`]),
    'sequence, oldest first:',
    ...sequence.flatMap(({ lineNumber, text, bits, isCulprit, expected }) => [
      `${lineNumber === null ? 'end' : `line ${lineNumber}`}${bitsText(bits)}${isCulprit ? ', SURPRISING' : ''}: ${asData(text)}`,
      ...expected.map(
        (one) => `  expected instead, probability ${probabilityText(one.probability)}: ${asData(one.text)}`,
      ),
    ]),
  ];
}

/** The same for what is not given to a model: what an answer's numbers and names may come from. */
export function evidenceText(evidence: Evidence): string {
  return [...figureSentences(evidence), ...dataLines(evidence)].join('\n');
}
