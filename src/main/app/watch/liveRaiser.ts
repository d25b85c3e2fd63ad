/**
 * @file Raises alerts of what was found in growing sources, as findings begin and go on: durable with the place up to which a source was scored, and
 * what came of it told.
 */
import type { AlertState } from '../../../shared/alerts.ts';
import type { SourceFormat } from '../../../shared/lines.ts';
import { scoresWithin, type TokenScores } from '../../detect/detector.ts';
import type { SampleRate } from '../../detect/sampling.ts';
import type { StreamKeys } from '../../learn/keyTable.ts';
import type { SessionFacts } from '../../learn/sessionParts.ts';
import type { Actor } from '../../store/protocol/workspace.ts';
import type { Drift } from '../../store/protocol/alerts.ts';
import type { RaisedAlert } from '../../store/protocol/follows.ts';
import { readAlertLines } from '../actors.ts';
import type { DriftWatch } from '../detection/drift.ts';
import type { LiveLog } from '../detection/liveLog.ts';
import { alertBuilder, sampledEvents, type DrawnEvent, type EventSurprise, type ScoreContext } from '../newAlert.ts';
import { maxAlerts } from '../score.ts';
import type { Services } from '../services.ts';
import type { JudgedStep, LiveJudge } from './liveJudge.ts';
import type { Finding, LiveEvent, LiveSequence, LiveSession } from './liveSession.ts';

export type LiveAlert = {
  alertId: string;
  sourceId: number;
  /** The new events that it shows. */
  eventIds: number[];
  state: AlertState;
  score: number;
  isNew: boolean;
  isFolded: boolean;
  isShown: boolean;
};

/** What came of one round for a source. The end of a session is told of with its last event. */
export type LiveScores = {
  sourceId: number;
  eventIds: number[];
  bits: number[];
  /** -log10 p. */
  scores: number[];
  ends: { eventId: number; bits: number }[];
  alerts: LiveAlert[];
  /** Of every new event, where that was asked for. */
  judged: EventSurprise[];
};

/** What is known of a source that grows; it can be had from the store again. */
export type Source = {
  id: number;
  format: SourceFormat;
  firstEventId: number;
  /** Null: its last events are looked at again first. */
  log: LiveLog | null;
  /** When it was scored last, in milliseconds of a clock that is never set. */
  usedAt: number;
  drift: DriftWatch;
  samples: SampleRate;
  /** What was told of events up to this one is not told again where their round failed. */
  driftEventId: number;
  scoredEventId: number;
  /** Sessions, the one that was used last is last. */
  sessions: Map<number, LiveSession>;
  /** Sessions beyond this one are new. */
  lastSessionId: number;
  run: {
    id: string;
    modelId: string;
    thresholdVersion: number;
    startedAt: number;
    raised: number;
    leftOut: number;
  } | null;
};

/** Part of a session that is scored in one request. */
export type Step = {
  source: Source;
  session: LiveSession;
  fresh: LiveEvent[];
  hasEnd: boolean;
  sequence: LiveSequence;
};

export type Scored = Step & JudgedStep & TokenScores;

export type Round = { source: Source; page: StreamKeys; ends: number[] };

export class LiveRaiser {
  readonly #services: Services;
  readonly #judge: LiveJudge;

  constructor(services: Services, judge: LiveJudge) {
    this.#services = services;
    this.#judge = judge;
  }

  /** Durable when it answers; a source that is gone is NOT_FOUND. Only then what is kept in memory of its sessions goes on. */
  async raise(
    { source, page, ends }: Round,
    steps: readonly Scored[],
    context: ScoreContext,
    actor: Actor,
  ): Promise<LiveScores> {
    const { store, host } = this.#services;
    const { threshold } = context;
    const build = alertBuilder(this.#services, context);
    const run = this.#runOf(source, context);
    const scores: LiveScores = {
      sourceId: source.id,
      eventIds: [],
      bits: [],
      scores: [],
      ends: [],
      alerts: [],
      judged: [],
    };
    const raised: (RaisedAlert & { finding: Finding })[] = [];
    let [leftOut, overCount] = [0, 0];
    const after = steps.map((step) => {
      const { session, sequence, fresh, hasEnd, surprises, bits, overCount: over } = step;
      overCount += over;
      scores.scores.push(...step.scores);
      scores.judged.push(...step.judged);
      const ofThem = ofFresh(step);
      fresh.forEach(({ eventId }, index) => {
        scores.eventIds.push(eventId);
        scores.bits.push(ofThem.bits[index] ?? 0);
      });
      const last = session.eventAt(sequence.firstToken + sequence.ids.length - (hasEnd ? 2 : 1), fresh);
      if (hasEnd && last) scores.ends.push({ eventId: last.eventId, bits: bits.at(-1) ?? 0 });
      return { step, findings: session.findings(surprises), scored: ofThem, facts: null as SessionFacts | null };
    });
    await Promise.all(
      after.map(async (one) => {
        if (one.findings.length + one.step.drawn.length > 0) one.facts = await this.#factsOf(one.step.session);
      }),
    );
    for (const { findings, facts } of after) {
      if (!facts) continue; // nothing was found or drawn
      for (const finding of findings) {
        const { episode, fresh, previousEventId } = finding;
        if (run.raised + raised.length >= maxAlerts && previousEventId === null) {
          leftOut++;
          continue;
        }
        const alert = build(facts, episode);
        raised.push({ alert, fresh: previousEventId === null ? alert : build(facts, fresh), previousEventId, finding });
      }
    }
    const scoredEventId = page.eventIds.at(-1) ?? source.scoredEventId;
    const drawn = after.flatMap(({ facts, step }) =>
      facts ? step.drawn.map((surprise) => ({ session: facts, surprise, ...surprise })) : [],
    );
    const { taken, kept } = source.samples.take<DrawnEvent & EventSurprise>(drawn);
    const samples = sampledEvents(build, taken);
    await readAlertLines(
      this.#services,
      [
        ...raised.flatMap(({ alert, fresh }) => (fresh === alert ? [alert] : [alert, fresh])),
        ...samples.map(({ alert }) => alert),
      ],
      context.model,
      (index) => this.#judge.programOf(index),
    );
    const { outcomes } = await store.call('raise_alerts', {
      runId: run.id,
      sourceId: source.id,
      modelId: run.modelId,
      thresholdVersion: run.thresholdVersion,
      startedAt: run.startedAt,
      at: host.now(),
      eventCount: page.eventIds.length,
      overCount,
      drift: this.#driftOf(source, scores),
      scoredEventId,
      endsScored: [...ends],
      alerts: raised.map(({ alert, fresh, previousEventId }) => ({ alert, fresh, previousEventId })),
      samples,
      actor,
    });
    kept();
    const cut = new Set<Finding>();
    outcomes.forEach(({ isCut, isKnown, ...outcome }, index) => {
      const one = raised[index];
      if (!one) return;
      if (isCut) cut.add(one.finding);
      const { score } = isCut ? one.fresh : one.alert;
      const eventIds = one.finding.fresh.surprises.map(({ eventId }) => eventId);
      const isShown = score >= threshold.score || isKnown;
      scores.alerts.push({ ...outcome, sourceId: source.id, eventIds, score, isShown });
    });
    run.raised += outcomes.filter(({ isNew }) => isNew).length;
    run.leftOut += leftOut;
    source.scoredEventId = scoredEventId;
    for (const { step, findings, scored } of after) {
      const last = findings.at(-1);
      step.session.accept(step.fresh, scored, last ? (cut.has(last) ? last.fresh : last.episode) : null);
      if (step.hasEnd) source.sessions.delete(step.session.id);
    }
    source.lastSessionId = page.sessionIds.reduce((most, id) => Math.max(most, id), source.lastSessionId);
    return scores;
  }

  /** Since this start of the app, by the model in use. */
  #driftOf(source: Source, { eventIds, scores }: LiveScores): Drift | null {
    const order = [...eventIds.keys()].sort((a, b) => (eventIds[a] ?? 0) - (eventIds[b] ?? 0));
    for (const index of order) {
      const eventId = eventIds[index] ?? 0;
      if (eventId <= source.driftEventId) continue;
      source.driftEventId = eventId;
      source.drift.add(eventId, scores[index] ?? 0);
    }
    return source.drift.found;
  }

  #runOf(source: Source, { model, threshold }: ScoreContext): NonNullable<Source['run']> {
    const { run } = source;
    if (run?.modelId === model.id && run.thresholdVersion === threshold.version) return run;
    const { host } = this.#services;
    const { raised, leftOut } = run ?? { raised: 0, leftOut: 0 };
    source.run = {
      id: host.newId(),
      modelId: model.id,
      thresholdVersion: threshold.version,
      startedAt: host.now(),
      raised,
      leftOut,
    };
    return source.run;
  }

  async #factsOf(session: LiveSession): Promise<SessionFacts> {
    if (session.facts) return session.facts;
    const { id } = session;
    const { entityKind, entityHash } = await this.#services.store.call('get_session', { sessionId: id });
    return (session.facts = { id, entityKind, entityHash });
  }
}

/** What the model said of the fresh events alone. */
export function ofFresh({ fresh, hasEnd, sequence, ...tokens }: Scored): TokenScores {
  const end = sequence.ids.length - (hasEnd ? 1 : 0);
  return scoresWithin(tokens, end - fresh.length, end);
}
