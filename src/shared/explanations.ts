/** @file What a language model on this machine says of an alert, and how far the evidence bears it out. It scores nothing, labels nothing and changes nothing that is shown elsewhere. */
import type { Instant } from './instant.ts';
import type { Span } from './lines.ts';

/** Raised when the prompt changes: what was written for an earlier one is no longer taken for an answer to this one. */
export const promptVersion = 1;

/** `address`: of Ollama, on this machine only. */
export type ExplanationSettings = { isOn: boolean; address: string; model: string };
export const defaultExplanations: ExplanationSettings = {
  isOn: false,
  address: 'http://127.0.0.1:11434',
  model: 'mistral',
};

/** A model that Ollama has. Remote ones are run by somebody else's machines, and never used here. */
export type LocalModel = { name: string; sizeBytes: number; isRemote: boolean };

/** Ollama's names without a tag mean `latest`. */
export function isSameModel(one: string, other: string): boolean {
  const whole = (name: string): string => (name.includes(':') ? name : `${name}:latest`);
  return whole(one) === whole(other);
}

/** A line of the evidence that reads as if it spoke to a language model. `surprise`: it surprised, and is prose where a log has none. */
export type SuspectLine = { lineNumber: number | null; text: string; why: 'pattern' | 'surprise' };

/**
 * Part of an answer. Harmless: it calls the alert so. Order: it tells the reader to do something. Wrong: a p-value, bits or a threshold that are not the
 * evidence's. Unknown: a number, a name or an address that is not in the evidence.
 */
export type AnswerMark = Span & { kind: 'harmless' | 'order' | 'wrong' | 'unknown' };

export type AnswerCheck = {
  /** In the order of the text; none overlap. */
  marks: AnswerMark[];
  /** It begins by saying that the alert is anomalous, as it was asked to. What was talked into something else does not. */
  restatesVerdict: boolean;
  /** A name of the language that it seems to be in, where that is not the English that was asked for: then the rest of it was not checked. */
  otherLanguage: string | null;
};

/** Done: the model ended. Stopped: somebody cancelled it, or it was cut off; what came is shown. */
export type ExplanationState = 'running' | 'done' | 'stopped' | 'failed';

export type Explanation = {
  alertId: string;
  state: ExplanationState;
  model: string;
  promptVersion: number;
  /** Of the model, whole: inert text that an attacker's line may have had a part in. */
  text: string;
  /** It was not done when its length or time was up. */
  isCut: boolean;
  check: AnswerCheck;
  suspects: SuspectLine[];
  /** What the numbers say, in sentences of ours: shown beside a text that says otherwise. */
  contradicting: string[];
  /** Why it failed or stopped. */
  error: string | null;
  madeAt: Instant;
  /** Written for evidence that was another: verdicts came, or the log was scored again. */
  isOutdated: boolean;
  /** Cases that it is kept with. */
  keptWith: string[];
};

/** Kept with a case as it was written, with what was in doubt of it. */
export type KeptExplanation = {
  id: string;
  alertNumber: number;
  model: string;
  text: string;
  /** Sentences: what in it the evidence does not bear out. */
  doubts: string[];
  madeAt: Instant;
  keptBy: string;
  addedAt: Instant;
};

export type Complaint = { kind: AnswerMark['kind'] | 'beginning' | 'language'; sentence: string };

/** What is wrong with an answer beyond names that are not in the evidence; the graver first. */
export function complaintsOf({ state, text, check }: Pick<Explanation, 'state' | 'text' | 'check'>): Complaint[] {
  const { marks, restatesVerdict, otherLanguage } = check;
  const ended = state !== 'running' && text !== '';
  const has = (kind: AnswerMark['kind']): boolean => marks.some((mark) => mark.kind === kind);
  const all: [isSo: boolean, complaint: Complaint][] = [
    [has('harmless'), { kind: 'harmless', sentence: 'The text calls the alert harmless. The evidence does not.' }],
    [
      has('order'),
      {
        kind: 'order',
        sentence:
          'The text tells you to do something. The model was asked to explain, and a line of a log may be behind it.',
      },
    ],
    [has('wrong'), { kind: 'wrong', sentence: 'The text gives figures that are not those of the evidence.' }],
    [
      ended && otherLanguage !== null,
      {
        kind: 'language',
        sentence: `The text is not in English (it seems to be ${otherLanguage ?? ''}), so it was not checked: read nothing into the absence of marks.`,
      },
    ],
    [
      ended && !restatesVerdict && !has('harmless'),
      {
        kind: 'beginning',
        sentence: 'The text does not begin by saying that the alert is anomalous, as the model was asked to.',
      },
    ],
  ];
  return all.flatMap(([isSo, complaint]) => (isSo ? [complaint] : []));
}

/** What contradicts it is to stand beside it. */
export function isInDoubt(explanation: Pick<Explanation, 'state' | 'text' | 'check'>): boolean {
  return complaintsOf(explanation).length > 0;
}
