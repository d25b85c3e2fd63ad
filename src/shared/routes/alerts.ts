/** @file The queue: lists of alerts and one of them, whose they are, what is muted, lists with a name, entities and the overview. */
import { z } from 'zod';
import {
  type AlertCounts,
  type AlertGroups,
  type AlertSummary,
  type SavedView,
  groupFields,
  queueTabs,
} from '../alertLists.ts';
import type { AlertDetail, AlertRow } from '../alerts.ts';
import type { LogLine } from '../sources.ts';
import type { ModelEvidence } from '../models.ts';
import type { Mute } from '../actions.ts';
import type { EntityAlerts, EntityPage } from '../entities.ts';
import { entityKinds } from '../lines.ts';
import { type Overview, overviewDays } from '../overview.ts';
import { alertQuery, filterText, lineOfText, nothing, returns, selection, uid, zone } from './parts.ts';

type NamedLine = LogLine & { sourceName: string };
const order = z.enum(['severity', 'time']).default('severity');
const place = z.string().max(200);
/** What an action did to alerts. */
export type BulkEffect = { alertCount: number; counts: AlertCounts };

export const alertsRoutes = {
  /**
   * A page of alerts, most severe first (`severity`) or newest first (`time`): those behind the place `after`, up to the place `until`.
   * `newest`: the highest number that any alert has. Refused (BAD_REQUEST) with the place of what is wrong in the filter.
   */
  'alerts.list': returns<{ rows: AlertRow[]; nextCursor: string | null; newest: number; counts: AlertCounts }>().from(
    z.strictObject({
      ...alertQuery,
      order: z.enum(['severity', 'time', 'surprise']).default('severity'),
      after: place.nullable().default(null),
      until: place.nullable().default(null),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
  ),
  /** The list as a whole. It is walked beside everything else; a second on a million alerts. */
  'alerts.summary': returns<AlertSummary>().from(
    z.strictObject({ ...alertQuery, order, pageSize: z.number().int().min(50).max(1000).default(200) }),
  ),
  /** How many alerts of the list came after the one of this number. */
  'alerts.count_new': returns<{ count: number }>().from(
    z.strictObject({ ...alertQuery, newerThan: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
  ),
  'alerts.groups': returns<AlertGroups>().from(z.strictObject({ ...alertQuery, order, by: z.enum(groupFields) })),
  /** What is alike, hour by hour of one day: a line per signature, up to `until`. */
  'alerts.sparklines': returns<{ until: number; lines: number[][] }>().from(
    z.strictObject({ signatures: z.array(z.string().min(1).max(64)).min(1).max(500) }),
  ),
  /** Values of a field that begin with what was typed, the most frequent first. */
  'alerts.values': returns<{ value: string; hint: string; count: number }[]>().from(
    z.strictObject({ field: z.string().min(1).max(20), typed: z.string().max(200) }),
  ),
  /** Null: nobody's. */
  'alerts.assign': returns<BulkEffect>().from(z.strictObject({ selection, owner: lineOfText(80).nullable() })),
  /**
   * `isBlind`: without what was said of it. `isAhead`: asked for before it is looked at, so that it does not count as viewed. `viewedId`: another one
   * that is looked at from now on, as by `alerts.viewed`.
   */
  'alerts.get': returns<AlertDetail>().from(
    z.strictObject({
      alertId: uid,
      isBlind: z.boolean().default(false),
      isAhead: z.boolean().default(false),
      viewedId: uid.nullable().default(null),
    }),
  ),
  /** It is looked at. */
  'alerts.viewed': returns<null>().from(z.strictObject({ alertId: uid })),
  /** The attention of one head, or without one the mean of its layer; without a layer, of the last one. */
  'alerts.evidence': returns<ModelEvidence>().from(
    z.strictObject({
      alertId: uid,
      layer: z.number().int().min(0).max(1000).optional(),
      head: z.number().int().min(0).max(1000).nullable().default(null),
    }),
  ),
  'alerts.context': returns<{ before: LogLine[]; after: LogLine[] }>().from(
    z.strictObject({ alertId: uid, lines: z.number().int().min(1).max(200) }),
  ),
  /** The same of all logs, by time: lines within so long before and after, at most 200 each; none where the alert's line tells no time. */
  'alerts.context_by_time': returns<{ before: NamedLine[]; after: NamedLine[]; isCut: boolean }>().from(
    z.strictObject({ alertId: uid, withinMs: z.number().int().min(1000).max(86_400_000) }),
  ),
  'overview.get': returns<Overview>().from(z.strictObject({ zone: zone, days: z.literal(overviewDays) })),
  /** Entities of the most severe open alerts, those with the most of them first. */
  'entities.list': returns<EntityAlerts[]>().from(nothing),
  /** By its name as the logs write it. One that acts in no session is looked up as a host, or by the lines that contain it. */
  'entities.get': returns<EntityPage>().from(
    z.strictObject({ kind: z.enum(entityKinds), text: z.string().min(1).max(1000), zone: zone.default('UTC') }),
  ),
  'mutes.list': returns<Mute[]>().from(nothing),
  /** What a mute would hide now: how many open alerts, and the most severe of them. */
  'mutes.preview': returns<{ total: number; rows: AlertRow[] }>().from(
    z.strictObject({ filter: lineOfText(2000), zone }),
  ),
  'mutes.add': returns<{ mute: Mute } & BulkEffect>().from(
    z.strictObject({
      filter: lineOfText(2000),
      zone,
      reason: lineOfText(500),
      expiresAt: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).nullable(),
    }),
  ),
  'mutes.lift': returns<{ mute: Mute } & BulkEffect>().from(z.strictObject({ muteId: uid })),
  'views.list': returns<SavedView[]>().from(nothing),
  /** The whole list of saved views, in their order. */
  'views.save': returns<SavedView[]>().from(
    z.strictObject({
      views: z
        .array(
          z.strictObject({
            id: uid,
            name: lineOfText(60),
            tab: z.enum(queueTabs),
            filter: filterText,
            order: z.enum(['severity', 'time']),
            group: z.enum(groupFields).nullable(),
          }),
        )
        .max(50),
    }),
  ),
};
