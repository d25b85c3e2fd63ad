/** @file An alert: as a row, and whole. */
import type { DetectorId, Vote } from './detectors.ts';
import type { Instant } from './instant.ts';
import type { Entity, LinePart, Span } from './lines.ts';
import type { LogLine } from './sources.ts';
import type { Asked } from './teaching.ts';
import type { SeenBefore, Verdict, VerdictValue } from './verdicts.ts';

/**
 * Open: waits for a verdict. Decided: has one. Folded: alike an alert that was decided, hidden under it until the fold expires. Muted: hidden
 * by somebody's wish until the mute expires or is lifted. Repeat: the same again within the cooldown of an earlier alert, which counts it.
 */
export const alertStates = ['open', 'decided', 'folded', 'muted', 'repeat'] as const;

/** Sampled: an event that was not flagged and is asked about all the same; in no list but the one to teach from. */
export type AlertState = (typeof alertStates)[number] | 'sampled';

/** Raised by the detectors, drawn at random from what they did not flag, or missed by them and named by an analyst. */
export type AlertOrigin = 'detector' | 'sample' | 'missed';

/** 1 info, 2 low, 3 medium, 4 high, 5 critical. */
export type SeverityLevel = 1 | 2 | 3 | 4 | 5;

export const severityNames = ['info', 'low', 'medium', 'high', 'critical'] as const;

/** Why the event surprised. The first four: by the key model, and by what it knows of the kind. */
export const reasonKinds = [
  'unseen',
  'order',
  'rare',
  'end',
  'sequence',
  'pair',
  'stretch',
  'counts',
  'mix',
  'text',
  'wording',
  'shape',
  'misfit',
  'clock',
  'volume',
  'silence',
  'who_where',
  'after_failures',
  'travel',
  'labelled',
] as const;

export type ReasonKind = (typeof reasonKinds)[number];

export const reasonNames: Record<ReasonKind, string> = {
  unseen: 'kind of line never seen',
  order: 'others were expected',
  rare: 'kind of line hardly ever seen',
  end: 'end of a session',
  sequence: 'order of events',
  pair: 'two kinds in a row',
  stretch: 'stretch of events',
  counts: 'numbers of each kind',
  mix: 'mixture of kinds',
  text: 'text of the line',
  wording: 'pieces of text',
  shape: 'length or make-up',
  misfit: 'format of the log',
  clock: 'time of the line',
  volume: 'many lines in a short time',
  silence: 'longer silence than usual',
  who_where: 'user, network, host or hour',
  after_failures: 'login after failed ones',
  travel: 'networks too far apart',
  labelled: 'like what was labelled an attack',
};

export type AlertRow = {
  id: string;
  /** Shown as A-12. */
  number: number;
  state: AlertState;
  severity: SeverityLevel;
  /** -log10 p of the most surprising event. */
  score: number;
  /** Its surprise in bits. */
  bits: number;
  reason: ReasonKind;
  /** The one whose p-value was the smallest. */
  detector: DetectorId;
  origin: AlertOrigin;
  /** One sentence, ours. */
  title: string;
  /** The kind of line, as a template. */
  template: string;
  /** Its writer and up to 120 characters of its line, from what surprised on. */
  excerpt: string;
  entity: Entity;
  host: string | null;
  sourceName: string;
  lineNumber: number;
  /** Time in the log; null where it says none. */
  at: Instant | null;
  raisedAt: Instant;
  /** Surprising events in the alert. */
  eventCount: number;
  /**
   * Alerts of the same signature folded under this one, whatever their score: the verdict stands for them, too. The list of the folded shows
   * only those at or above the threshold, so it may be shorter.
   */
  foldedCount: number;
  /** Alerts that said the same again within the cooldown and are counted by this one, and the time of the last of them. */
  repeatCount: number;
  repeatLastAt: Instant | null;
  isViewed: boolean;
  /** Its like was confirmed a threat: it is shown, and severe, whatever its score. */
  isKnownThreat: boolean;
  seenBefore: SeenBefore;
  verdict: Verdict | null;
  caseNumber: number | null;
  /** Whose it is; null: nobody took it. */
  owner: string | null;
  /** Keyed hash of what makes alerts alike. */
  signature: string;
  /** Of its kind of line, shown as t42. */
  templateNumber: number;
  /** Where the alert stands in each order: pages are asked for behind it. */
  place: { severity: string; time: string };
  /** In the list to teach from: why it is asked about. */
  asked?: Asked;
  /** Came with its case from another workspace: its log and its model are not here. */
  isBundled?: boolean;
};

/** Part of the raw line and its surprise in bits. */
export type HeatSpan = Span & { bits: number };

export type Expectation = { text: string; probability: number };

export type SessionEvent = {
  /** Null for the end of the session. */
  eventId: number | null;
  lineNumber: number | null;
  at: Instant | null;
  text: string;
  /** What in `text` stands before it comes to the point, as the terminal before a command: left out where there is little room. */
  aside: Span | null;
  /** Of its kind of line, shown as t42; null for the end of the session, and for a kind that no log has. */
  templateNumber: number | null;
  bits: number;
  isCulprit: boolean;
  /** Most probable alternatives; empty for events that did not surprise. */
  expected: Expectation[];
  /** Probability the model gave to what happened. */
  probability: number;
};

export type AlertDetail = {
  row: AlertRow;
  /** One or two sentences: what the model gave it, what that means. */
  reasonText: string;
  /** Who says so, the strongest first; of alerts of earlier versions, nobody. */
  votes: Vote[];
  /** One sentence: how unusual, on a scale of five. */
  reading: string;
  /** The alerts that this one counts, at most a hundred. */
  repeats: { id: string; number: number; eventId: number; lineNumber: number; at: Instant | null; score: number }[];
  /** Decided alerts most like it, at most three. `similarity` is 0 to 1. */
  nearest: {
    alertId: string;
    number: number;
    value: VerdictValue;
    analyst: string;
    givenAt: Instant;
    similarity: number;
  }[];
  /** Of its stretch of the session up to the event, by the tutorial of its window; null without a key model. */
  perplexity: number | null;
  /** What nineteen in twenty held-back stretches, or windows, have less than. */
  usualPerplexity: number | null;
  /** 1 - p / p at the threshold when it was raised, at least 0; by the tutorial min(1, perplexity / usual - 1). */
  confidence: number | null;
  /** `parts`: the values in it, in its order. */
  raw: { text: string; isCut: boolean; lengthChars: number; heat: HeatSpan[]; parts: LinePart[] };
  /** `hasBeginning`: the first of the events shown is the first of the session. */
  session: {
    title: string;
    events: SessionEvent[];
    hasBeginning: boolean;
    eventCount: number;
    durationMs: number | null;
  };
  margin: {
    score: number;
    threshold: number;
    /** Counts of calibration scores (-log10 p scale of bits): bin i covers [i, i + 1) * binBits. */
    histogram: { binBits: number; counts: number[] };
    bits: number;
    thresholdBits: number;
  };
  modelName: string;
  /** The preset, with what it was set to. */
  judgedBy: string;
  thresholdVersion: number;
  before: LogLine[];
  after: LogLine[];
  history: Verdict[];
  cases: { id: string; number: number; title: string }[];
};
