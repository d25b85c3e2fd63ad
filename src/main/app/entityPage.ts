/** @file The page of an entity, and the entities that open alerts are about. Names come from logs: they are looked up by their hash or as a phrase, never as a pattern. */
import type { Instant } from '../../shared/instant.ts';
import type { EntityAlerts, EntityPage } from '../../shared/entities.ts';
import type { Entity } from '../../shared/lines.ts';
import { ZoneOffsets } from '../ingest/zones.ts';
import { calendarEdges } from './calendar.ts';
import type { AlertRecord } from '../store/protocol/alerts.ts';
import type { EntityRecord } from '../store/protocol/events.ts';
import { entityKey } from '../text/entity.ts';
import { createKeyedHash } from '../text/keyedHash.ts';
import { listChars, toAlertRows, toLogLine, type TemplateTexts } from './presenter.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';

/** Pieces that the time between first and last is cut into, at most. */
const mostPieces = 60;

/** Throws BAD_INPUT for a zone that does not exist. */
export async function readEntity(
  services: Services,
  texts: TemplateTexts,
  entity: Entity,
  { zone, without }: { zone: string; without: number | null },
): Promise<EntityPage> {
  const offsets = new ZoneOffsets(zone);
  const minScore = (await currentThreshold(services))?.score ?? 0;
  const hash = createKeyedHash(services.opened.hashKey)(entityKey(entity));
  const record = await services.store.call('read_entity', {
    ...{ ...entity, hash, minScore, without, maxChars: listChars },
  });
  const { spans, times, alerts, lines, firstAt, ...rest } = record;
  const starts = times ?? spans.map(({ from }) => from);
  const ends = times ?? spans.map(({ to }) => to);
  const first = lowest(starts);
  return {
    entity,
    ...rest,
    firstAt: firstAt === null || first === null ? (firstAt ?? first) : Math.min(firstAt, first),
    lastAt: highest(ends),
    activity: activityOf({ spans, times }, offsets),
    alerts: await toAlertRows(alerts, texts),
    lines: lines.map((line) => ({ ...toLogLine(line), sourceName: line.sourceName })),
  };
}

/** Entities of the most severe open alerts, those with the most of them first. */
export async function listEntities(services: Services, texts: TemplateTexts): Promise<EntityAlerts[]> {
  const minScore = (await currentThreshold(services))?.score ?? 0;
  const alerts = await services.store.call('open_alerts_by_severity', { minScore });
  const found = new Map<string, AlertRecord[]>();
  for (const alert of alerts) {
    if (alert.entityKind === 'source' || alert.entity === null) continue;
    const key = `${alert.entityKind} ${alert.entity}`;
    const known = found.get(key);
    if (known) known.push(alert);
    else found.set(key, [alert]);
  }
  const groups = [...found.values()].sort((one, other) => other.length - one.length);
  const rows = await toAlertRows(
    groups.flatMap((group) => group.slice(0, 1)),
    texts,
  );
  return rows.map((mostSevere, index) => ({
    entity: mostSevere.entity,
    host: mostSevere.host,
    alertCount: groups[index]?.length ?? 1,
    mostSevere,
  }));
}

/**
 * Lines by time in pieces that begin where clocks and calendars of the zone do. Where only the sessions' times are known, the lines of each are
 * spread evenly over it; an entity that was seen at one moment has one piece.
 */
export function activityOf(
  { spans, times }: Pick<EntityRecord, 'spans' | 'times'>,
  offsets: ZoneOffsets,
): EntityPage['activity'] {
  const from = lowest(times ?? spans.map((span) => span.from));
  const to = highest(times ?? spans.map((span) => span.to));
  if (from === null || to === null) return null;
  const { edges, pieceMs, per } = calendarEdges(from, to, offsets, mostPieces);
  const counts = Array<number>(edges.length - 1).fill(0);
  const pieceOf = (at: Instant): number =>
    Math.max(
      0,
      edges.findLastIndex((edge) => edge <= at),
    );
  for (const at of times ?? []) counts[pieceOf(at)] = (counts[pieceOf(at)] ?? 0) + 1;
  if (times === null) {
    for (const span of spans) {
      const [start, end] = [pieceOf(span.from), pieceOf(span.to)];
      for (let piece = start; piece <= end; piece++) {
        counts[piece] = (counts[piece] ?? 0) + span.count / (end - start + 1);
      }
    }
  }
  return { edges, pieceMs, per, counts: counts.map(Math.round), isSpread: times === null };
}

const lowest = (values: readonly Instant[]): Instant | null =>
  values.reduce<Instant | null>((least, value) => (least === null || value < least ? value : least), null);
const highest = (values: readonly Instant[]): Instant | null =>
  values.reduce<Instant | null>((most, value) => (most === null || value > most ? value : most), null);
