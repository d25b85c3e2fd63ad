/** @file Figures of learning: what verdicts say of what was flagged, what was missed by the events drawn from the rest, and how far an analyst agrees with themself. */
import type { Instant } from '../../shared/instant.ts';
import type { OverviewDays } from '../../shared/overview.ts';
import {
  sideOf,
  type Contradiction,
  type ContradictingSide,
  type LearningReport,
  type Precision,
  type Recall,
} from '../../shared/teaching.ts';
import { recallOf, shareOf } from '../detect/estimates.ts';
import { ZoneOffsets } from '../ingest/zones.ts';
import type { AlertRecord } from '../store/protocol/alerts.ts';
import type { LearningRows } from '../store/protocol/learning.ts';
import { dayEdges } from './calendar.ts';
import { toAlertRows, type TemplateTexts } from './presenter.ts';
import type { Services } from './services.ts';
import { countAsked, explorationShare } from './teachList.ts';
import { currentThreshold } from './thresholdInForce.ts';

/** A day's figures are those of so many days up to it: of one alone there is too little. */
const daysTogether = 7;
const mostContradictions = 50;

/** Throws BAD_INPUT for a zone that does not exist. */
export async function readLearning(services: Services, zone: string, days: OverviewDays): Promise<LearningReport> {
  const { store, host } = services;
  const [threshold, actor] = await Promise.all([currentThreshold(services), services.actor()]);
  const minScore = threshold?.score ?? 0;
  const newest = await store.call('newest_alert_at', { minScore, withinMs: (days / 2) * 86_400_000 });
  const edges = edgesOf(newest, host.now(), days, new ZoneOffsets(zone));
  const context = { minScore, now: actor.at, analyst: actor.analyst };
  const [rows, asked, share, runs] = await Promise.all([
    store.call('read_learning', { edges, analyst: actor.analyst }),
    countAsked(services, context),
    explorationShare(services),
    threshold ? store.call('list_runs', { modelId: threshold.modelId }) : [],
  ]);
  const { answers } = rows;
  const telling = answers.filter(({ before, value }) => before !== 'undetermined' && value !== 'undetermined');
  const differed = telling.filter(({ before, value }) => sideOf(before) !== sideOf(value));
  const same = telling.length - differed.length;
  return {
    edges,
    ...figuresOf(rows, () => true),
    days: edges
      .slice(1)
      .map((_end, day) => figuresOf(rows, (bin) => bin <= day + 1 && bin > day + 1 - daysTogether && bin > 0)),
    missedCount: rows.missed.reduce((sum, { count }) => sum + count, 0) + rows.unflaggedThreats,
    consistency: {
      estimate: shareOf(same, telling.length),
      asked: telling.length,
      same,
      // Of one that was decided again since there is nothing left to look at.
      differed: differed
        .filter(({ stands }) => stands)
        .map(({ alertId, number, title, before, beforeAt, value, at }) => ({
          ...{ alertId, number, title },
          before: { value: before, at: beforeAt },
          again: { value, at },
        })),
    },
    teach: { ...asked, share },
    drift: runs.flatMap(({ sourceName, drift }) =>
      drift ? [{ sourceName, lineNumber: drift.lineNumber, ratio: drift.ratio }] : [],
    ),
  };
}

/** Of a log that ended long ago, its own last days. */
function edgesOf(newest: Instant | null, now: Instant, days: OverviewDays, offsets: ZoneOffsets): Instant[] {
  const edges = dayEdges(now, days, offsets);
  return newest !== null && newest < (edges[0] ?? now) ? dayEdges(newest, days, offsets) : edges;
}

export function figuresOf(
  rows: LearningRows,
  isWithin: (bin: number) => boolean,
): { precision: Precision; recall: Recall } {
  const flagged = rows.flagged.filter(({ bin }) => isWithin(bin));
  const right = flagged.reduce((sum, one) => sum + one.right, 0);
  const wrong = flagged.reduce((sum, one) => sum + one.wrong, 0);
  const bySeverity = [1, 2, 3, 4, 5].map((level) => {
    const own = flagged.filter(({ severity }) => severity === level);
    const sum = (name: 'threat' | 'harmless' | 'undecided'): number => own.reduce((total, one) => total + one[name], 0);
    return { threat: sum('threat'), harmless: sum('harmless'), undecided: sum('undecided') };
  });
  const drawn = rows.drawn
    .filter(({ bin }) => isWithin(bin))
    .map(({ score, weight, value }) => ({
      ...{ score, weight },
      isThreat: value === null || value === 'undetermined' ? null : sideOf(value) === 'threat',
    }));
  const missed = rows.missed.filter(({ bin }) => isWithin(bin)).reduce((sum, { count }) => sum + count, 0);
  return {
    precision: { estimate: shareOf(right, right + wrong), right, wrong },
    recall: recallOf(bySeverity, drawn, missed),
  };
}

/** The newest first. */
export async function listContradictions(services: Services, texts: TemplateTexts): Promise<Contradiction[]> {
  const found = await services.store.call('list_contradictions', { limit: mostContradictions });
  const rows = await toAlertRows(
    found.map(({ threat }) => threat),
    texts,
  );
  const sideFrom = (
    { id, number, verdict }: Pick<AlertRecord, 'id' | 'number'> & (typeof found)[number]['threat'],
    count: number,
  ): ContradictingSide => ({
    ...{ count, alertId: id, number },
    ...{ value: verdict.value, analyst: verdict.analyst, at: verdict.givenAt },
  });
  return found.map(({ threat, harmless, counts }, index) => ({
    signature: threat.signature,
    title: threat.title,
    template: rows[index]?.template ?? '',
    threat: sideFrom(threat, counts[0]),
    harmless: sideFrom(harmless, counts[1]),
  }));
}
