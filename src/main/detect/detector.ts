/**
 * @file What a detector is. It learns from the training part, gives raw scores (larger is more unusual, NaN: it says nothing of this event), and
 * leaves p-values to calibration. Whatever it learned is JSON. A detector is a file in `detectors/` and a line in `detectors/registry.ts`.
 *
 * Three kinds, by what they look at:
 * - session detectors: the events of one session in their order, as kinds and as the key model's bits;
 * - stream detectors: all events of a source in the order of the log, with their values, across sessions;
 * - line detectors: one masked line, whatever is around it. Equal lines get equal scores.
 */
import type { DetectorId } from '../../shared/detectors.ts';
import type { EventValues } from '../../shared/eventValues.ts';
import type { LabelledState } from './detectors/labelled.ts';

/**
 * Events of a session that are looked at together by detectors of whole stretches: from place `stretchEvents` * j on. Fixed places make a log
 * that is followed score as it does in a batch. A session of ids (`--sequences`) is one stretch however long it is.
 */
export const stretchEvents = 128;
/** Stream detectors look no further back than so many events of the source: following a log again warms up by them. */
export const streamHistoryEvents = 20_000;

/** A session as it is learned from: what the training part has of it. */
export type TrainingSession = {
  /** Token ids of the key model's vocabulary, without begin and end. */
  ids: readonly number[] | Int32Array;
  /** `kindKey`s, aligned with `ids`. */
  kinds: readonly number[] | Float64Array;
  /** It was seen to begin, and to end. */
  hasBegin: boolean;
  hasEnd: boolean;
};

/** What models say of the tokens of a session, aligned with them. */
export type TokenScores = {
  /** The key model's bits, unseen kinds' own included. Empty where there is no key model. */
  bits: Float32Array;
  /** 1 where the token is outside the K most expected. Left out where nobody judges by that. */
  unexpected?: Uint8Array | undefined;
  /** Of a classifier, of the window up to each event; NaN of what is no event. Left out where none is in use. */
  logits?: Float32Array | undefined;
};

export function scoresWithin({ bits, unexpected, logits }: TokenScores, from: number, to: number): TokenScores {
  return {
    bits: bits.subarray(from, to),
    unexpected: unexpected?.subarray(from, to),
    logits: logits?.subarray(from, to),
  };
}

/** The next events of a session. All of its parts come in order, to the same scorer. */
export type SessionPartView = TokenScores & {
  /** Tokens that the key model read; event i is `ids[first + i]`; what stands before is context, behind the last the session's end. */
  ids: Int32Array;
  first: number;
  count: number;
  /** Place of event 0 in the session. */
  firstEvent: number;
  /** `kindKey`s of the events. */
  kinds: readonly number[];
  /** The session was seen to end behind the last event: the end stands behind it in `ids`. */
  hasEnd: boolean;
  /** Nothing more comes. Without `hasEnd` the log ended first: such a session is judged by what it has, never by what it lacks. */
  isLast: boolean;
};

export type SessionScorer = {
  /**
   * Scores of the part's events into `scores` (NaN on entry). What is found of a whole stretch is given to the last event of the stretch; a
   * stretch that another part goes on with is scored there.
   */
  score(part: SessionPartView, scores: Float32Array): void;
};

export type FitContext = {
  /** Token ids run below it. */
  vocabularySize: number;
  /** A session is one stretch. */
  isWhole: boolean;
  /** With which the model is to judge; undefined where with none. */
  classifier?: LabelledState | undefined;
  /** Sessions behind the training part with the key model's bits, for what is learned of them; none where there is no key model. */
  scored: Iterable<SessionPartView>;
};

export type SessionDetector<State = unknown> = {
  kind: 'session';
  id: DetectorId;
  /** False: it works before any key model is trained. */
  needsKeyModel: boolean;
  fit(sessions: Iterable<TrainingSession>, context: FitContext): State;
  /** Once per model; `begin` once per session. `isWhole`: a session is one stretch. */
  open(state: State): { begin(isWhole: boolean): SessionScorer };
};

/** Events of a source in the order of the log. Columns are aligned; `at` is NaN where the line has no time, `severities` -1 where it says none. */
export type StreamPage = EventValues & {
  eventIds: Float64Array;
  at: Float64Array;
  severities: Int8Array;
  templateIndexes: Int32Array;
  sessionIds: Float64Array;
  /** Where one learns: not 0 for events that are there and may not be taken as normal. They have no values; what comes between two others is told by them. */
  leftOut?: Uint8Array | undefined;
};

export type StreamScorer = {
  /** Scores of the page's events into `scores` (NaN on entry). Pages come in order. */
  score(page: StreamPage, scores: Float32Array): void;
};

export type StreamDetector<State = unknown> = {
  kind: 'stream';
  id: DetectorId;
  /** The training part of one or several sources: the pages of each in order. */
  fit(sources: Iterable<Iterable<StreamPage>>): State;
  /** One for each source that is scored. */
  open(state: State): StreamScorer;
};

/** One distinct masked line. */
export type LineView = {
  /** The line as the text model reads it, each placeholder one character of the private use area. */
  text: string;
  /** The text model's bits of the line's tokens in order, 0 for the first; empty where no text model is in use. */
  bits: Float32Array;
};

/** A line that the training part has, and how often. */
export type CountedLine = { line: LineView; count: number };

export type LineDetector<State = unknown> = {
  kind: 'line';
  id: DetectorId;
  /** False: it works before any text model is trained. */
  needsTextModel: boolean;
  fit(lines: Iterable<CountedLine>, context: LineContext): State;
  open(state: State, context: LineContext): LineScorer;
};

export type LineContext = {
  /** Numbers by name that only this workspace has. What is learned of text is kept under them. */
  secret: (name: string) => number;
  /** Whose bits lines have; null where none reads them. */
  textModelId: string | null;
};

export type LineScorer = {
  /** NaN: it says nothing of the line. */
  score(line: LineView): number;
};

/** What tells the lines of a source apart in calibration: its format, and the program that wrote the line where there are enough of them. */
export type GroupKey = string;
