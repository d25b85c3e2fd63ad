/** @file An alert as it leaves the app, and what carries it: the three protocols each are one `Sender`. */
import type { SeverityLevel } from '../../shared/alerts.ts';

/** Plain figures and bounded text, for programs. Instants are ISO 8601 in UTC. */
export type OutgoingAlert = {
  /** Stays the same however often it is sent. */
  id: string;
  /** Risen: it was sent before, and is graver now. */
  change: 'raised' | 'risen';
  /** As the app shows it: "A-12". */
  name: string;
  severity: 'info' | 'low' | 'medium' | 'high' | 'critical';
  severityLevel: SeverityLevel;
  title: string;
  /** What is said of it in one sentence. */
  reasoning: string;
  /** -log10 of the share of normal events that are as unusual. */
  score: number;
  p: number;
  threshold: number;
  bits: number;
  perplexity: number | null;
  confidence: number | null;
  detector: string;
  source: string;
  lineNumber: number;
  host: string | null;
  entity: { kind: string; name: string };
  eventCount: number;
  /** Null where its line has no time. */
  at: string | null;
  raisedAt: string;
  /** Null where lines stay in the app. */
  line: string | null;
  isLineCut: boolean;
  workspaceId: string;
  appVersion: string;
};

/** What a receiver tells repeats by: the same however often it is sent, and another one for each rise. */
export function messageIdOf({ id, change, severityLevel }: OutgoingAlert): string {
  return change === 'raised' ? id : `${id}-${severityLevel}`;
}

export type Sender = {
  /** Alerts that go in one request. */
  readonly mostAtOnce: number;
  /**
   * Resolves when the receiver has taken all of them; then they are not sent again. Throws UNREACHABLE with a sentence that says what the
   * receiver did and what to do; then all of them are sent again.
   */
  send(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void>;
};
