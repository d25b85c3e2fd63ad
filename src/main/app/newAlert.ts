/** @file An alert made of an episode: ids and figures, nothing of the log's text; and the most severe of many. */
import type { DetectorId, Vote } from '../../shared/detectors.ts';
import type { ReasonKind } from '../../shared/alerts.ts';
import type { RuleFinding } from '../../shared/presets.ts';
import { keyTokens } from '../../shared/sequences.ts';
import type { Episode, Surprise } from '../detect/episodes.ts';
import { culpritShares, kindsOfSignature } from '../detect/fingerprint.ts';
import { reasonOf, titleOf } from '../detect/reason.ts';
import type { Drawn } from '../detect/sampling.ts';
import { confidenceOf, severityOf } from '../detect/severity.ts';
import type { SessionFacts } from '../learn/sessionParts.ts';
import type { NewAlert } from '../store/protocol/alerts.ts';
import type { SampledEvent } from '../store/protocol/learning.ts';
import { createKeyedHash } from '../text/keyedHash.ts';
import type { InForce } from './detection/byPreset.ts';
import type { Detection } from './detection/detection.ts';
import type { KeyModel } from './keyModel.ts';
import type { Services } from './services.ts';

/** Surprising events of an alert whose figures are kept with it. */
const maxCulprits = 20;

/** `detection`: of the model, by the preset of the threshold. */
export type ScoreContext = { model: KeyModel; threshold: InForce; detection: Detection };

/** A surprise, and the event that it is about: for the session's end, its last. `at` is NaN where the line has no time. */
export type EventSurprise = Surprise & {
  eventId: number;
  templateIndex: number;
  severity: number;
  tokenId: number;
  at: number;
  /** The strongest first. */
  votes: Vote[];
  /** Of its stretch up to the event; null without a key model. */
  perplexity: number | null;
  /** By the rule of a preset; null where all detectors judge. */
  rule: RuleFinding | null;
};

/** Where nobody's own p-value is small, what alerts is still the key model's to explain. */
export function strongestOf(votes: readonly Vote[]): DetectorId {
  return votes[0]?.detector ?? 'key';
}

export function reasonFor({ votes, tokenId, isEnd }: EventSurprise, { vocabulary }: KeyModel): ReasonKind {
  const trainingShare = (vocabulary.entryOf(tokenId)?.count ?? 0) / Math.max(1, vocabulary.eventCount);
  const isUnseen = tokenId === keyTokens.unseen;
  return reasonOf({ detector: strongestOf(votes), isEnd, isUnseen, trainingShare });
}

export type AlertBuilder = (session: SessionFacts, episode: Episode<EventSurprise>) => NewAlert;

/** An event that was drawn, with its session. */
export type DrawnEvent = { session: SessionFacts; surprise: EventSurprise };

/** The seed of what is drawn: the workspace's own, so that nobody who writes a log can know what will be looked at. */
export function samplingSeed({ opened }: Services): number {
  return createKeyedHash(opened.hashKey)('sampling');
}

export function sampledEvents(build: AlertBuilder, drawn: readonly Drawn<DrawnEvent>[]): SampledEvent[] {
  return drawn.map(({ item: { session, surprise }, weight }) => ({
    alert: build(session, { surprises: [surprise], top: surprise }),
    weight,
  }));
}

export function alertBuilder(services: Services, { model, threshold }: ScoreContext): AlertBuilder {
  const keyedHash = createKeyedHash(services.opened.hashKey);
  return (session, { surprises: all, top }) => {
    // Those kept below the threshold are there for when it falls; they did not surprise by today's.
    const surprises = all.filter((surprise) => surprise === top || surprise.score >= threshold.score);
    const { eventId, templateIndex, severity, at, votes, rule } = top;
    const tutorial = rule?.kind === 'tutorial' ? rule : null;
    const detector = strongestOf(votes);
    const reason = reasonFor(top, model);
    const { entityKind, entityHash } = session;
    // What one named user did is alike only to what the same user did; everything else is alike across actors.
    const scope = entityKind === 'user' ? String(entityHash) : '';
    const profile = { actor: '', culprits: culpritShares(surprises) };
    const kinds = kindsOfSignature(reason, templateIndex, profile);
    return {
      id: services.host.newId(),
      eventId,
      sessionId: session.id,
      lastEventId: surprises.at(-1)?.eventId ?? eventId,
      score: top.score,
      bits: top.bits,
      severity: severityOf(top.score, threshold.score),
      reason,
      detector,
      title: titleOf(reason, severity, surprises.length),
      signature: keyedHash(['alert', reason, ...kinds, severity, scope].join('\u0000')).toString(16),
      // Who it was is in the line: `readAlertLines`.
      fingerprint: '',
      profile,
      templateIndex,
      entityKind,
      entityHash,
      eventCount: surprises.length,
      at: Number.isNaN(at) ? null : at,
      perplexity: tutorial?.perplexity ?? top.perplexity,
      confidence: tutorial?.confidence ?? confidenceOf(top.score, threshold.score),
      evidence: {
        ...(rule ? { rule } : {}),
        votes,
        culprits: [...surprises]
          .sort((a, b) => b.score - a.score)
          .slice(0, maxCulprits)
          .map((surprise) => ({
            eventId: surprise.eventId,
            isEnd: surprise.isEnd,
            bits: surprise.bits,
            modelBits: surprise.tokenId === keyTokens.unseen && !surprise.isEnd ? null : surprise.bits,
            expected: [],
          })),
      },
    };
  };
}

/** The most severe alerts of a run, of equal ones the earlier. What is left out is not made. */
export class SevereAlerts {
  readonly #most: number;
  readonly #build: AlertBuilder;
  #alerts: NewAlert[] = [];
  /** The least that is kept, once there were too many. */
  #least: NewAlert | undefined;
  #count = 0;

  constructor(most: number, build: AlertBuilder) {
    this.#most = most;
    this.#build = build;
  }

  add(session: SessionFacts, episode: Episode<EventSurprise>): void {
    this.#count++;
    if (this.#least && compare(this.#least, episode.top) <= 0) return;
    this.#alerts.push(this.#build(session, episode));
    if (this.#alerts.length >= 1.25 * this.#most) this.#cut();
  }

  /** The most severe first, and how many were left out. */
  finish(): { alerts: NewAlert[]; leftOut: number } {
    this.#cut();
    return { alerts: this.#alerts, leftOut: this.#count - this.#alerts.length };
  }

  #cut(): void {
    this.#alerts.sort(compare);
    if (this.#alerts.length < this.#most) return;
    this.#alerts = this.#alerts.slice(0, this.#most);
    this.#least = this.#alerts.at(-1);
  }
}

type Ranked = Pick<NewAlert, 'score' | 'eventId'>;

function compare(one: Ranked, other: Ranked): number {
  return other.score - one.score || one.eventId - other.eventId;
}
