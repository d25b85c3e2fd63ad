/** @file The page of an entity: who or what acts in the logs, since when, how much, and what came of it. Text fields are hostile. */
import type { AlertRow } from './alerts.ts';
import type { Instant } from './instant.ts';
import type { LogLine } from './sources.ts';
import type { VerdictValue } from './verdicts.ts';
import type { Entity } from './lines.ts';

/**
 * How its lines were found. `sessions`: the entity acts in them. `host`: it wrote them. `mentions`: they contain it; a name that acts in no
 * session is looked up so.
 */
export type EntityEvidence = 'sessions' | 'host' | 'mentions';

export type EntityPage = {
  entity: Entity;
  by: EntityEvidence;
  /** Of what was looked at; `isCut`: there is more than that, older. */
  lineCount: number;
  sessionCount: number | null;
  isCut: boolean;
  firstAt: Instant | null;
  lastAt: Instant | null;
  /** Lines from each edge to the next: a round piece of the zone's clock or calendar, `per` in words. Null where no line has a time. */
  activity: { edges: Instant[]; per: string; pieceMs: number; counts: number[]; isSpread: boolean } | null;
  alertCounts: { open: number; folded: number; muted: number };
  verdicts: Record<VerdictValue, number>;
  /** The newest, at most a hundred. */
  alerts: AlertRow[];
  /** The newest, at most sixty, oldest first. */
  lines: (LogLine & { sourceName: string })[];
  /** False: logs are still being indexed, so lines may be missing. */
  isIndexed: boolean;
};

export type EntityAlerts = { entity: Entity; host: string | null; alertCount: number; mostSevere: AlertRow };
