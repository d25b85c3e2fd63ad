/** @file The score job: events of a source get their surprise and p-value from the model in use and its detectors; the surprising ones become alerts. */
import { AppError } from '../../shared/errors.ts';
import type { DetectorId } from '../../shared/detectors.ts';
import type { ScoreGraph } from '../../shared/engineProtocol.ts';
import { packSequences } from '../../shared/sequences.ts';
import { scoresWithin, type TokenScores } from '../detect/detector.ts';
import { EpisodeGatherer, gatherEpisodes } from '../detect/episodes.ts';
import { SampleReservoir } from '../detect/sampling.ts';
import { severityOfKind, templateOfKind } from '../learn/keyTable.ts';
import { sessionParts, type SessionFacts, type SessionPart } from '../learn/sessionParts.ts';
import type { Drift } from '../store/protocol/alerts.ts';
import { DriftWatch } from './detection/drift.ts';
import { BatchJudge } from './detection/batchJudge.ts';
import type { JobContext } from './jobs.ts';
import { keptScore } from './detection/byPreset.ts';
import { contextLengthOf, kindOf, surpriseBy } from './keyModel.ts';
import { readAlertLines } from './actors.ts';
import {
  alertBuilder,
  sampledEvents,
  samplingSeed,
  SevereAlerts,
  strongestOf,
  type DrawnEvent,
  type EventSurprise,
  type ScoreContext,
} from './newAlert.ts';
import { RecentRate } from './recentRate.ts';
import type { Services } from './services.ts';

/** Sent to the engine at once: enough to batch, few enough that progress and cancel come through. */
const tokensPerCall = 60_000;
/** While one is scored the next is made and sent, so that the engine has no pause between them. */
const callsUnderWay = 2;
/** A run keeps its most severe alerts and says so when there were more. */
export const maxAlerts = 20_000;

export type ScoredSource = {
  eventCount: number;
  alertCount: number;
  /** Alerts beyond the most a run keeps. */
  leftOut: number;
  /** Events at or above the threshold: the share of them is what came of the share that was asked for. */
  overCount: number;
  thresholdScore: number;
};

/**
 * Hears of every event of a source once, in no order: its surprise in bits (for the last event of a session the larger of it and the
 * session's end), -log10 p, and of one that alerts the detector with the smallest p-value.
 */
export type OnEvent = (eventId: number, bits: number, score: number, detector: DetectorId | null) => void;

/** Scores one source and replaces its run. Cancelled: nothing changes. */
export async function scoreSource(
  services: Services,
  sourceId: number,
  context: ScoreContext,
  job: JobContext,
  onEvent?: OnEvent,
): Promise<ScoredSource> {
  const { store, host } = services;
  const { model, threshold, detection } = context;
  const startedAt = host.now();
  job.update({ step: 'reading events', share: null });
  const source = (await store.call('list_sources', undefined)).find(({ id }) => id === sourceId);
  if (!source) throw new AppError('NOT_FOUND', 'A log that was to be scored is no longer there.');
  const templates = new Map(
    (await store.call('list_templates', undefined)).map((template) => [template.index, template]),
  );
  const build = alertBuilder(services, context);
  const alerts = new SevereAlerts(maxAlerts, build);
  const samples = new SampleReservoir<DrawnEvent>(samplingSeed(services));
  const leastKept = keptScore(threshold);
  const rate = new RecentRate(startedAt);
  const followed = (await store.call('list_follows', undefined)).find((follow) => follow.sourceId === sourceId);
  const lastEventId = followed?.lastEventId ?? Number.MAX_SAFE_INTEGER;
  const judging = new BatchJudge(detection, source, templates);
  const [firstEventId = 0] = (await store.call('read_keys', { sourceId, afterEventId: 0, limit: 1 })).eventIds;
  // Sessions are judged as they end; that a log changed shows in its own order.
  const scores = new Float32Array(source.eventCount);
  let done = 0;
  let overCount = 0;

  const found = new FoundAlerts(detection.isOfLog, alerts);

  const judge = (part: SessionPart, graph: ScoreGraph, tokens: TokenScores): void => {
    const { session, events, firstScored } = part;
    const judged = judging.judge(part, graph, tokens);
    events.eventIds.forEach((eventId, index) => {
      const score = judged.scoreOf(index);
      const isOver = score >= threshold.score;
      const isKept = score >= leastKept;
      const votes = isKept ? judged.votesOf(index) : [];
      const surprise = (): EventSurprise => {
        const kind = events.kinds[index] ?? 0;
        return {
          position: detection.isOfLog ? eventId - firstEventId : part.firstEvent + index,
          isEnd: judged.isEnd(index),
          bits: judged.bitsOf(index),
          ...{ score, eventId },
          templateIndex: templateOfKind(kind),
          severity: severityOfKind(kind),
          tokenId: part.ids[firstScored + index] ?? 0,
          at: events.at[index] ?? NaN,
          votes: isKept ? votes : judged.votesOf(index),
          perplexity: judged.perplexityOf(index),
          rule: judged.findingOf(index),
        };
      };
      scores[eventId - firstEventId] = score;
      if (isOver) overCount++;
      onEvent?.(eventId, judged.bitsOf(index), score, isOver ? strongestOf(votes) : null);
      if (!isOver) samples.offer(eventId, score, () => ({ session, surprise: surprise() }));
      if (isKept) found.add(session, surprise());
    });
    if (part.isLast) found.end(session);
    done += events.eventIds.length;
    rate.add(events.eventIds.length, host.now());
  };

  const scoreBatch = async (batch: SessionPart[], before: Promise<void>): Promise<void> => {
    const packed = packSequences(batch.map(({ ids }) => ids));
    const kindAt = (sequence: number, position: number): ReturnType<typeof kindOf> => {
      const part = batch[sequence];
      // What stands before the first event is context, and its bits are not looked at.
      const kind = part?.events.kinds[position - part.firstScored] ?? 0;
      return kindOf(templates.get(templateOfKind(kind)), severityOfKind(kind));
    };
    const { graph, ...scored } = await surpriseBy(services.engine(), context, packed, kindAt, job.signal);
    await before; // the parts of a session are judged in order
    batch.forEach((part, sequence) => {
      judge(part, graph, scoresWithin(scored, packed.offsets[sequence] ?? 0, packed.offsets[sequence + 1] ?? 0));
    });
    const elapsedMs = Math.max(1, host.now() - startedAt);
    job.update({
      step: 'scoring',
      share: source.eventCount === 0 ? 1 : Math.min(1, done / source.eventCount),
      lineCount: done,
      linesPerSecond: Math.round(rate.perSecond(host.now())),
      remainingMs: done > 0 ? (elapsedMs / done) * Math.max(0, source.eventCount - done) : null,
    });
  };

  const underWay: Promise<void>[] = [];
  const send = async (batch: SessionPart[]): Promise<void> => {
    const scoring = scoreBatch(batch, underWay.at(-1) ?? Promise.resolve());
    scoring.catch(() => undefined); // heard where it is waited for
    underWay.push(scoring);
    if (underWay.length >= callsUnderWay) await underWay.shift();
  };
  const contextLength = contextLengthOf(model.card);
  let batch: SessionPart[] = [];
  let tokens = 0;
  const pages = judging.pages(store, sourceId, job.signal);
  const options = { contextLength, lastEventId, pages };
  for await (const part of sessionParts(store, sourceId, model.vocabulary, options, job.signal)) {
    batch.push(part);
    tokens += part.ids.length;
    if (tokens < tokensPerCall) continue;
    await send(batch);
    batch = [];
    tokens = 0;
  }
  if (batch.length > 0) await send(batch);
  for (const scoring of underWay) await scoring;

  found.finish();
  const { alerts: kept, leftOut } = alerts.finish();
  job.update({ step: 'saving alerts', remainingMs: null });
  const sampled = sampledEvents(build, samples.finish());
  const named = [...kept, ...sampled.map(({ alert }) => alert)];
  await readAlertLines(services, named, model, (index) => templates.get(index)?.prefixHash ?? 0);
  if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
  await store.call('replace_run', {
    runId: host.newId(),
    sourceId,
    modelId: model.id,
    thresholdVersion: threshold.version,
    startedAt,
    finishedAt: host.now(),
    eventCount: done,
    overCount,
    drift: driftOf(firstEventId, scores),
    alerts: kept,
    samples: sampled,
    // A log that is followed has grown meanwhile; its later events are scored as they come.
    lastEventId,
    actor: await services.actor(),
  });
  const alertCount = kept.filter(({ score }) => score >= threshold.score).length;
  return { eventCount: done, alertCount, leftOut, overCount, thresholdScore: threshold.score };
}

/** Makes alerts of what surprises: of each session in its order, or, where windows of the log are judged, of the log in its order. */
class FoundAlerts {
  readonly #isOfLog: boolean;
  readonly #alerts: SevereAlerts;
  readonly #episodes = new Map<number, EpisodeGatherer<EventSurprise>>();
  /** Sessions are read as they end: the log's order comes with the last of them. */
  readonly #ofLog: { session: SessionFacts; surprise: EventSurprise }[] = [];

  constructor(isOfLog: boolean, alerts: SevereAlerts) {
    this.#isOfLog = isOfLog;
    this.#alerts = alerts;
  }

  add(session: SessionFacts, surprise: EventSurprise): void {
    if (this.#isOfLog) {
      this.#ofLog.push({ session, surprise });
      return;
    }
    let gatherer = this.#episodes.get(session.id);
    if (!gatherer) this.#episodes.set(session.id, (gatherer = new EpisodeGatherer()));
    const episode = gatherer.add(surprise);
    if (episode) this.#alerts.add(session, episode);
  }

  end(session: SessionFacts): void {
    const episode = this.#episodes.get(session.id)?.finish();
    this.#episodes.delete(session.id);
    if (episode) this.#alerts.add(session, episode);
  }

  finish(): void {
    this.#ofLog.sort((a, b) => a.surprise.eventId - b.surprise.eventId);
    const sessionOf = new Map(this.#ofLog.map(({ session, surprise }) => [surprise, session]));
    for (const episode of gatherEpisodes(this.#ofLog.map(({ surprise }) => surprise))) {
      const session = sessionOf.get(episode.top);
      if (session) this.#alerts.add(session, episode);
    }
  }
}

function driftOf(firstEventId: number, scores: Float32Array): Drift | null {
  const watch = new DriftWatch();
  scores.forEach((score, place) => watch.add(firstEventId + place, score));
  return watch.found;
}
