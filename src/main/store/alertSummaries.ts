/** @file A list of alerts as a whole: how many, where its pages end, how they lie in time; its groups; and the last day of what is alike. */
import type { Instant } from '../../shared/instant.ts';
import type { SeverityLevel } from '../../shared/alerts.ts';
import { termText } from '../../shared/filter/edit.ts';
import { compileQuery } from './alertQuery.ts';
import { scanAlerts } from './alertScan.ts';
import type { Alerts } from './alerts.ts';
import { compareCursors, formatCursor, type AlertCursor } from './cursor.ts';
import type { StatementCache } from './statementCache.ts';
import type { Connection, Input, Output } from './statements.ts';
import type { TextIndex } from './textIndex.ts';
import { histogramOf } from './timeHistogram.ts';

const hourMs = 3_600_000;
export const sparkHours = 24;
/** Groups that are shown; the rest is said to be more. */
const mostGroups = 500;
/** How each grouping tells groups apart: as its filter does, without regard to the case of names. Null: the line names none. */
const groupKeys: Record<Input<'group_alerts'>['by'], { column: string; joins: string }> = {
  signature: { column: 'alert.signature', joins: '' },
  actor: { column: 'alert.actor', joins: '' },
  template: { column: 'alert.template_id', joins: '' },
  source: { column: 'alert.source_id', joins: '' },
  entity: {
    column: `alert.entity_kind || ':' || CASE alert.entity_kind WHEN 'source' THEN alert.source_id ELSE lower(event.entity) END`,
    joins: 'CROSS JOIN event ON event.id = alert.event_id',
  },
  host: { column: 'lower(event.host)', joins: 'CROSS JOIN event ON event.id = alert.event_id' },
};

type Key = string | number | null;
type Gathered = {
  key: Key;
  count: number;
  newCount: number;
  top: { number: number; severity: number; score: number };
  firstAt: number | null;
  lastAt: number | null;
  hours: number[];
  hosts: Set<string>;
};

export type AlertSummaries = ReturnType<typeof prepareAlertSummaries>;

export function prepareAlertSummaries(
  db: Connection,
  parts: { alerts: Alerts; textIndex: TextIndex; cache: StatementCache },
) {
  const { alerts, textIndex, cache } = parts;
  const latest = db
    .prepare<[Instant], number | null>(
      `SELECT max(at) FROM (SELECT (SELECT max(order_at) FROM alert WHERE state = names.state AND order_at <= ?) AS at
       FROM (SELECT 'open' AS state UNION ALL SELECT 'decided' UNION ALL SELECT 'folded' UNION ALL SELECT 'muted') AS names)`,
    )
    .pluck();
  const alikeByHour = db
    .prepare<[Instant, number, string, Instant, Instant], [hour: number, count: number]>(
      `SELECT CAST((order_at - ?) / ? AS INTEGER) AS hour, count(*) FROM alert
       WHERE signature = ? AND order_at >= ? AND order_at < ? AND origin = 'detector' GROUP BY hour`,
    )
    .raw();
  const hostsAlike = db
    .prepare<[string], number>(
      `SELECT count(DISTINCT event.host) FROM
         (SELECT event_id FROM alert WHERE signature = ? LIMIT 1000) AS some CROSS JOIN event ON event.id = some.event_id`,
    )
    .pluck();

  /** The day that sparklines show: the one that ends with the newest alert, or now. What is stamped later than now does not count. */
  const sparkUntil = (now: Instant): Instant => {
    const newest = latest.get(now) ?? -1;
    return Math.ceil((newest < 0 ? now : newest + 1) / hourMs) * hourMs;
  };

  return {
    summarise: async (input: Input<'summarise_alerts'>, signal: AbortSignal): Promise<Output<'summarise_alerts'>> => {
      const { order, pageSize } = input;
      const asOf = input.asOf ?? alerts.newest();
      const query = compileQuery({ ...input, asOf }, textIndex);
      const places: AlertCursor[] = [];
      const ats: number[] = [];
      const severities: SeverityLevel[] = [];
      const columns = 'alert.order_at, alert.severity';
      for await (const rows of scanAlerts<[number, SeverityLevel]>(cache, query, { order, columns, signal })) {
        for (const [first, second, eventId, at, severity] of rows) {
          places.push({ first, second, eventId });
          ats.push(at);
          severities.push(severity);
        }
      }
      if (query.states.length > 1) places.sort(compareCursors);
      const marks: string[] = [];
      for (let index = pageSize - 1; index < places.length - 1; index += pageSize) {
        const place = places[index];
        if (place) marks.push(formatCursor(order, place));
      }
      return { total: places.length, marks, asOf, ...histogramOf(ats, severities) };
    },

    group: async (input: Input<'group_alerts'>, signal: AbortSignal): Promise<Output<'group_alerts'>> => {
      const query = compileQuery(input, textIndex);
      const { column, joins } = groupKeys[input.by];
      const until = sparkUntil(input.now);
      const from = until - sparkHours * hourMs;
      const gathered = new Map<Key, Gathered>();
      const columns = `${column}, alert.number, alert.severity, alert.score, alert.is_viewed, alert.at, ${input.by === 'entity' ? 'lower(event.host)' : 'NULL'}`;
      type Row = [
        key: Key,
        number: number,
        severity: number,
        score: number,
        isViewed: number,
        at: number | null,
        host: string | null,
      ];
      for await (const rows of scanAlerts<Row>(cache, query, { order: 'severity', columns, joins, signal })) {
        for (const [, , , key, number, severity, score, isViewed, at, host] of rows) {
          let group = gathered.get(key);
          if (!group) {
            const top = { number, severity, score };
            group = {
              key,
              count: 0,
              newCount: 0,
              top,
              firstAt: null,
              lastAt: null,
              hours: Array<number>(sparkHours).fill(0),
              hosts: new Set(),
            };
            gathered.set(key, group);
          }
          group.count++;
          if (host !== null) group.hosts.add(host);
          if (isViewed === 0) group.newCount++;
          const isMore = severity > group.top.severity || (severity === group.top.severity && score > group.top.score);
          if (isMore) group.top = { number, severity, score };
          if (at === null) continue;
          if (group.firstAt === null || at < group.firstAt) group.firstAt = at;
          if (group.lastAt === null || at > group.lastAt) group.lastAt = at;
          const hour = Math.floor((at - from) / hourMs);
          if (hour >= 0 && hour < sparkHours) group.hours[hour] = (group.hours[hour] ?? 0) + 1;
        }
      }
      const bySeverity = (left: Gathered, right: Gathered): number =>
        right.top.severity - left.top.severity || right.top.score - left.top.score || right.count - left.count;
      const byTime = (left: Gathered, right: Gathered): number =>
        (right.lastAt ?? -Infinity) - (left.lastAt ?? -Infinity) || bySeverity(left, right);
      const shown = [...gathered.values()].sort(input.order === 'severity' ? bySeverity : byTime).slice(0, mostGroups);
      const tops = new Map(alerts.byNumbers(shown.map(({ top }) => top.number)).map((row) => [row.number, row]));
      const groups = shown.flatMap((group) => {
        const { key, top: place, hosts, ...figures } = group;
        const top = tops.get(place.number);
        if (!top) return [];
        // Of a kind of line or a log no hosts are counted: its row names that of its most severe alert.
        const alike = input.by === 'signature' ? (hostsAlike.get(top.signature) ?? 0) : hosts.size;
        const hostCount = Math.min(group.count, alike);
        return [{ ...figures, hostCount, top, filter: groupTerm(input.by, top, key) }];
      });
      return { groups, groupCount: gathered.size, until };
    },

    sparklines: ({ signatures, now }: Input<'alert_sparklines'>): Output<'alert_sparklines'> => {
      const until = sparkUntil(now);
      const from = until - sparkHours * hourMs;
      const lines = signatures.map((signature) => {
        const hours = Array<number>(sparkHours).fill(0);
        for (const [hour, count] of alikeByHour.all(from, hourMs, signature, from, until)) hours[hour] = count;
        return hours;
      });
      return { until, lines };
    },
  };
}

type Top = Output<'group_alerts'>['groups'][number]['top'];

/** The filter that finds a group again. */
function groupTerm(by: Input<'group_alerts'>['by'], top: Top, key: Key): string {
  switch (by) {
    case 'signature':
      return termText({ field: 'signature', value: top.signature });
    case 'actor':
      return termText({ field: 'actor', value: key === '' || key === null ? 'none' : String(key) });
    case 'template':
      return termText({ field: 'template', value: `t${top.templateIndex + 1}` });
    case 'source':
      return termText({ field: 'source', value: top.sourceName });
    case 'host':
      return top.host === null ? '-host:*' : termText({ field: 'host', value: top.host });
    case 'entity': {
      const kind = top.entityKind;
      if (kind === 'source') return termText({ field: 'entity', value: top.sourceName });
      if (top.entity === null) return '-entity:*';
      const field = kind === 'user' || kind === 'address' || kind === 'process' ? kind : 'entity';
      return termText({ field, value: top.entity });
    }
  }
}
