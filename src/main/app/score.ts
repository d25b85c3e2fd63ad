/** @file The score job: events of a source get their surprise and p-value from the model in use; the surprising ones become alerts. */
import type { EntityKind } from '../../shared/lines.ts';
import { entityKinds } from '../../shared/lines.ts';
import { AppError } from '../../shared/errors.ts';
import { keyTokens, packSequences } from '../../shared/sequences.ts';
import { minusLog10P } from '../detect/calibration.ts';
import { gatherEpisodes, type Episode, type Surprise } from '../detect/episodes.ts';
import { reasonOf, titleOf } from '../detect/reason.ts';
import { severityOf } from '../detect/severity.ts';
import { scoredSessions, type ScoredSession } from '../learn/dataset.ts';
import { readKeyTable, type KeyTable } from '../learn/keyTable.ts';
import type { NewAlert, TemplateRecord } from '../store/protocol.ts';
import { createKeyedHash } from '../text/keyedHash.ts';
import type { JobContext } from './jobs.ts';
import { kindOf, surpriseOf, type KeyModel } from './keyModel.ts';
import type { Services } from './services.ts';

/** Sessions sent to the engine at once: enough to batch, few enough that progress and cancel come through. */
const tokensPerCall = 60_000;
/** Alerts are kept down to this much below the threshold (in -log10 p), so that lowering it later shows them without scoring again. */
export const keptBelowThreshold = Math.log10(4);
/** A run keeps its most severe alerts and says so when there were more. */
export const maxAlerts = 20_000;
/** Surprising events of an alert whose figures are kept with it. */
const maxCulprits = 20;

/** Scores of every event of a source; index i is event row i of the table. */
export type ScoredSource = {
  table: KeyTable;
  /** Surprise in bits; for the last event of a session the larger of it and the session's end. */
  bits: Float64Array;
  /** -log10 p. */
  scores: Float64Array;
  alertCount: number;
  /** Alerts beyond the most a run keeps. */
  leftOut: number;
  thresholdScore: number;
  templates: ReadonlyMap<number, TemplateRecord>;
};

export type ScoreContext = { model: KeyModel; threshold: { version: number; score: number } };

/** Scores one source and replaces its run. Cancelled: nothing changes. */
export async function scoreSource(
  services: Services,
  sourceId: number,
  context: ScoreContext,
  job: JobContext,
): Promise<ScoredSource> {
  const { store, host } = services;
  const { model, threshold } = context;
  const startedAt = host.now();
  job.update({ step: 'reading events', share: null });
  const table = await readKeyTable(store, sourceId, job.signal);
  const templates = new Map(
    (await store.call('list_templates', undefined)).map((template) => [template.index, template]),
  );
  const eventCount = table.eventIds.length;
  const bits = new Float64Array(eventCount);
  const scores = new Float64Array(eventCount);
  const alerts: NewAlert[] = [];
  const build = alertBuilder(services, context);
  const entities = await readEntities(services, sourceId, job.signal);
  let done = 0;

  const scoreBatch = async (batch: ScoredSession[]): Promise<void> => {
    const packed = packSequences(batch.map(({ ids }) => ids));
    const kindAt = (sequence: number, position: number): ReturnType<typeof kindOf> => {
      const row = batch[sequence]?.rows[position - 1] ?? 0;
      return kindOf(templates.get(table.templateIndexes[row] ?? 0), table.severities[row] ?? -1);
    };
    const surprise = await surpriseOf(services.engine(), model, packed, kindAt, job.signal);
    batch.forEach((session, sequence) => {
      const at = packed.offsets[sequence] ?? 0;
      const surprises: Surprise[] = [];
      session.rows.forEach((row, position) => {
        const isLast = position === session.rows.length - 1;
        const own = surprise[at + position + 1] ?? 0;
        const end = isLast && session.hasEnd ? (surprise[at + session.ids.length - 1] ?? 0) : 0;
        const isEnd = end > own;
        bits[row] = isEnd ? end : own;
        const score = minusLog10P(model.calibration, isEnd ? end : own);
        scores[row] = score;
        if (score >= threshold.score - keptBelowThreshold)
          surprises.push({ position, isEnd, bits: isEnd ? end : own, score });
      });
      const sessionId = table.sessions.ids[session.session] ?? 0;
      const figures = figuresOf(table, session);
      for (const episode of gatherEpisodes(surprises))
        alerts.push(build(sessionId, episode, entities.get(sessionId), figures));
      done += session.rows.length;
    });
    const elapsedMs = Math.max(1, host.now() - startedAt);
    job.update({
      step: 'scoring',
      share: eventCount === 0 ? 1 : done / eventCount,
      lineCount: done,
      linesPerSecond: Math.round((done / elapsedMs) * 1000),
      remainingMs: done > 0 ? (elapsedMs / done) * (eventCount - done) : null,
    });
  };

  let batch: ScoredSession[] = [];
  let tokens = 0;
  for (const session of scoredSessions(table, model.vocabulary)) {
    batch.push(session);
    tokens += session.ids.length;
    if (tokens < tokensPerCall) continue;
    await scoreBatch(batch);
    batch = [];
    tokens = 0;
  }
  if (batch.length > 0) await scoreBatch(batch);

  alerts.sort((a, b) => b.score - a.score);
  job.update({ step: 'saving alerts', remainingMs: null });
  if (job.signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
  await store.call('replace_run', {
    runId: host.newId(),
    sourceId,
    modelId: model.id,
    thresholdVersion: threshold.version,
    startedAt,
    finishedAt: host.now(),
    eventCount,
    alerts: alerts.slice(0, maxAlerts),
    // A log that is followed has grown meanwhile; its later events were scored as they came.
    lastEventId: table.eventIds.at(-1) ?? 0,
    actor: await services.actor(),
  });
  const kept = alerts.slice(0, maxAlerts).filter((alert) => alert.score >= threshold.score);
  const leftOut = Math.max(0, alerts.length - maxAlerts);
  return { table, bits, scores, alertCount: kept.length, leftOut, thresholdScore: threshold.score, templates };
}

/** What an alert says of one event of its session; for the session's end, of the last. */
export type EventFigures = {
  eventId: number;
  templateIndex: number;
  severity: number;
  /** Of the model. */
  tokenId: number;
  /** NaN: no time. */
  at: number;
};

/** The events of a session of a table, by position. */
export function figuresOf(
  table: KeyTable,
  session: Pick<ScoredSession, 'ids' | 'rows'>,
): (position: number) => EventFigures {
  return (position) => {
    const row = session.rows[position] ?? 0;
    return {
      eventId: table.eventIds[row] ?? 0,
      templateIndex: table.templateIndexes[row] ?? 0,
      severity: table.severities[row] ?? -1,
      tokenId: session.ids[position + 1] ?? keyTokens.unseen,
      at: table.at[row] ?? Number.NaN,
    };
  };
}

/** Makes an alert of an episode: ids and figures, nothing of the log's text. */
export function alertBuilder(
  services: Services,
  { model, threshold }: ScoreContext,
): (
  sessionId: number,
  episode: Episode,
  entity: SessionEntity | undefined,
  figures: (position: number) => EventFigures,
) => NewAlert {
  const keyedHash = createKeyedHash(services.opened.hashKey);
  return (sessionId, episode, entity, figures) => {
    const { top } = episode;
    // Those kept below the threshold are there for when it falls; they did not surprise by today's.
    const surprises = episode.surprises.filter((surprise) => surprise === top || surprise.score >= threshold.score);
    const { eventId, templateIndex, severity, tokenId, at } = figures(top.position);
    const last = figures(surprises.at(-1)?.position ?? top.position);
    const isUnseen = tokenId === keyTokens.unseen;
    const trainingShare = (model.vocabulary.entryOf(tokenId)?.count ?? 0) / Math.max(1, model.vocabulary.eventCount);
    const reason = reasonOf({ isEnd: top.isEnd, isUnseen, trainingShare });
    const kind = entity?.kind ?? 'source';
    // What one named user did is alike only to what the same user did; everything else is alike across actors.
    const scope = kind === 'user' ? String(entity?.hash ?? 0) : '';
    return {
      id: services.host.newId(),
      eventId,
      sessionId,
      lastEventId: last.eventId,
      score: top.score,
      bits: top.bits,
      severity: severityOf(top.score, threshold.score),
      reason,
      title: titleOf(reason, severity, surprises.length),
      signature: keyedHash(['alert', reason, templateIndex, severity, scope].join('\u0000')).toString(16),
      templateIndex,
      entityKind: kind,
      entityHash: entity?.hash ?? 0,
      eventCount: surprises.length,
      at: Number.isNaN(at) ? null : at,
      evidence: {
        culprits: [...surprises]
          .sort((a, b) => b.score - a.score)
          .slice(0, maxCulprits)
          .map((surprise) => {
            const event = figures(surprise.position);
            const isUnseenKind = event.tokenId === keyTokens.unseen && !surprise.isEnd;
            return {
              eventId: event.eventId,
              isEnd: surprise.isEnd,
              bits: surprise.bits,
              modelBits: isUnseenKind ? null : surprise.bits,
              expected: [],
            };
          }),
      },
    };
  };
}

export type SessionEntity = { kind: EntityKind; hash: number };

async function readEntities(
  services: Services,
  sourceId: number,
  signal: AbortSignal,
): Promise<Map<number, SessionEntity>> {
  const entities = new Map<number, SessionEntity>();
  const limit = 100_000;
  for (let after = 0; ;) {
    const page = await services.store.call('read_sessions', { sourceId, afterSessionId: after, limit }, { signal });
    page.ids.forEach((id, index) =>
      entities.set(id, {
        kind: entityKinds[page.entityKinds[index] ?? -1] ?? 'source',
        hash: page.entityHashes[index] ?? 0,
      }),
    );
    if (page.ids.length < limit) return entities;
    after = page.ids.at(-1) ?? after;
  }
}
