/** @file The overview: days of the zone asked for, and waits put into figures. The counting is the store's. */
import type { Instant } from '../../shared/instant.ts';
import type { SeverityLevel } from '../../shared/alerts.ts';
import type { LogDrift, Overview, OverviewDays, OwnerRow, Waits } from '../../shared/overview.ts';
import { ZoneOffsets } from '../ingest/zones.ts';
import type { StoreMethods } from '../store/protocol.ts';
import type { Wait } from '../store/protocol/periods.ts';
import { dayEdges } from './calendar.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Upper ends of the ages that open alerts are counted by. */
const agesMs = [hourMs, 4 * hourMs, dayMs, 7 * dayMs] as const;

/** Throws BAD_INPUT for a zone that does not exist. */
export async function readOverview(services: Services, zone: string, days: OverviewDays): Promise<Overview> {
  const { store, host } = services;
  const now = host.now();
  const threshold = await currentThreshold(services);
  const minScore = threshold?.score ?? 0;
  const newest = await store.call('newest_alert_at', { minScore, withinMs: (days / 2) * dayMs });
  const offsets = new ZoneOffsets(zone);
  const waitEdges = dayEdges(now, days, offsets);
  const isOld = newest !== null && newest < (waitEdges[0] ?? now);
  const edges = isOld ? dayEdges(newest, days, offsets) : waitEdges;
  const waitsSince = waitEdges[0] ?? now;
  const [found, runs] = await Promise.all([
    store.call('read_overview', { edges, ageEdges: ageEdgesOf(now), waitsSince, minScore }),
    threshold ? store.call('list_runs', { modelId: threshold.modelId }) : [],
  ]);
  return {
    edges,
    days: found.days,
    untimed: found.untimed,
    later: found.later,
    budgetPerDay: threshold?.budget.per === 'day' ? threshold.budget.alerts : null,
    ages: found.ages.map((bySeverity, index) => ({ upToMs: agesMs[index] ?? null, bySeverity })),
    owners: ownersOf(found),
    drift: runs
      .map(({ sourceName, judgedCount, drift }) => ({
        ...{ name: sourceName, eventCount: judgedCount },
        change: drift && { ratio: drift.ratio, lineNumber: drift.lineNumber },
      }))
      .sort((one, other) => extent(other.change) - extent(one.change)),
    waitEdges,
    toView: waitsOf(found.toView, waitEdges),
    toVerdict: waitsOf(found.toVerdict, waitEdges),
  };
}

const extent = (change: LogDrift['change']): number => (change ? Math.abs(Math.log(change.ratio)) : -1);

/** What has an owner, and the rest of what is open. */
function ownersOf({ owners, ages }: Pick<StoreMethods['read_overview']['output'], 'owners' | 'ages'>): OwnerRow[] {
  const sum = (rows: readonly OwnerRow['bySeverity'][], level: SeverityLevel): number =>
    rows.reduce((all, row) => all + row[level], 0);
  const owned = owners.map(({ bySeverity }) => bySeverity);
  const left = (level: SeverityLevel): number => Math.max(0, sum(ages, level) - sum(owned, level));
  const nobodys: OwnerRow = { owner: null, bySeverity: { 1: left(1), 2: left(2), 3: left(3), 4: left(4), 5: left(5) } };
  const total = ({ bySeverity }: OwnerRow): number => Object.values(bySeverity).reduce((all, count) => all + count, 0);
  return [nobodys, ...owners].filter((row) => total(row) > 0).sort((one, other) => total(other) - total(one));
}

/** What is open now, by age and by owner. */
export async function openNow(
  { store, host }: Services,
  minScore: number,
): Promise<{ openByAge: Overview['ages']; openByOwner: OwnerRow[] }> {
  const found = await store.call('read_overview', {
    ...{ edges: [], waitsSince: Number.MAX_SAFE_INTEGER, minScore },
    ageEdges: ageEdgesOf(host.now()),
  });
  return {
    openByAge: found.ages.map((bySeverity, index) => ({ upToMs: agesMs[index] ?? null, bySeverity })),
    openByOwner: ownersOf(found),
  };
}

/** The newest may bear a time to come, by a clock that was set back since. */
function ageEdgesOf(now: Instant): Instant[] {
  return [Number.MAX_SAFE_INTEGER, ...agesMs.map((age) => now - age), Number.MIN_SAFE_INTEGER];
}

/** A clock that was set back would make a wait negative. */
export function waitedOf(waits: readonly Wait[]): Pick<Waits, 'count' | 'medianMs' | 'p90Ms'> {
  const all = waits.map(({ waitMs }) => Math.max(0, waitMs));
  return { count: all.length, medianMs: quantile(all, 0.5), p90Ms: quantile(all, 0.9) };
}

export function waitsOf(waits: readonly Wait[], edges: readonly Instant[]): Waits {
  const all = waits.map(({ at, waitMs }) => ({ at, waitMs: Math.max(0, waitMs) }));
  const daily = edges.slice(1).map((end, index) => {
    const start = edges[index] ?? end;
    return all.filter(({ at }) => at >= start && at < end).map(({ waitMs }) => waitMs);
  });
  return {
    ...waitedOf(waits),
    dailyMedianMs: daily.map((values) => quantile(values, 0.5)),
  };
}

/** The value that this share of them do not exceed (nearest rank). */
function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
