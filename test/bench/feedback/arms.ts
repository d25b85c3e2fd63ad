/**
 * @file What verdicts make of the later part of a stream, arm by arm: what is remembered; with it the detectors' weights; with them verified normals
 * among the calibration and the threshold. All by what the app computes with, from the verdicts that stand in its store.
 */
import type Database from 'better-sqlite3';
import type { OwnRows } from '../../../src/main/detect/ownRows.ts';
import { secondUnder, VoteJudge, weightsUnder } from '../../../src/main/detect/reweigh.ts';
import { leastScoreOf } from '../../../src/main/detect/severity.ts';
import type { AdaptOutput } from '../../../src/shared/adaptProtocol.ts';
import { defaultLearning } from '../../../src/shared/learning.ts';
import type { Taught } from '../../../src/shared/taught.ts';
import { adapt } from '../../../trainer/adapt/adapt.ts';
import type { AskStore } from './analyst.ts';
import type { StreamAlert } from './labStream.ts';
import type { Judged } from './queue.ts';

export const arms = ['memory', 'memory+weights', '+threshold'] as const;
export type Arm = (typeof arms)[number];

export type ArmOutcome = {
  judged: Judged[];
  /** -log10 p at which it alerts where it sets that itself. */
  threshold: number | null;
  taught: Taught | null;
};

/** Of one model. `from`: -log10 p from which on alerts are in the queue before anybody judged. */
export type Teachable = {
  ask: AskStore;
  db: Database.Database;
  modelId: string;
  rows: OwnRows;
  later: readonly StreamAlert[];
  from: number;
};

/** As far as verdicts move the threshold in the app. */
const maxShift = Math.log10(2);
const knownSeverity = 4;

export async function outcomesOf(parts: Teachable): Promise<Record<Arm, ArmOutcome>> {
  const { db, rows, later, from } = parts;
  const remembered = new Map(
    db
      .prepare<[], { number: number; isHidden: number; isKnown: number }>(
        'SELECT number, folded_by IS NOT NULL AS isHidden, known_by IS NOT NULL AS isKnown FROM alert',
      )
      .all()
      .map((row) => [row.number, row]),
  );
  const { taught, thresholdScore } = await learned(parts);
  /** Known threats are as severe as the store makes them. */
  const under = (own: Taught | null, threshold: number): Judged[] => {
    const scoreOf = own ? scorerOf(rows, own, from) : (alert: StreamAlert) => alert.score;
    return later.map((alert) => {
      const { isHidden = 0, isKnown = 0 } = remembered.get(alert.number) ?? {};
      const score = scoreOf(alert);
      const least = isKnown === 1 ? leastScoreOf(knownSeverity, threshold) : 0;
      return { alert, score: Math.max(score, least), isHidden: isHidden === 1 };
    });
  };
  const weights: Taught | null = taught && { weights: taught.weights, joined: null };
  return {
    memory: { judged: under(null, from), threshold: null, taught: null },
    'memory+weights': { judged: under(weights, from), threshold: null, taught: weights },
    '+threshold': { judged: under(taught, thresholdScore), threshold: thresholdScore, taught },
  };
}

async function learned({ ask, modelId, rows, from }: Teachable): Promise<AdaptOutput> {
  const labels = await ask('labelled_scores', { modelId });
  const judged = await ask('judged_rows', { modelId, minScore: from });
  return adapt(
    {
      ownRowsPath: null,
      labels: labels.map((label) => ({ ...label, samplingWeight: label.samplingWeight ?? 1 })),
      ...{ budgetScore: from, maxShift, settings: defaultLearning, judged, calibrationRows: rows.second.pooled.count },
    },
    rows,
  );
}

function scorerOf(rows: OwnRows, taught: Taught, from: number): (alert: StreamAlert) => number {
  const weights = weightsUnder(rows, taught.weights);
  const judge = new VoteJudge(
    rows.detectors.map(({ id }, place) => ({ id, weight: weights[place] ?? 0 })),
    secondUnder(rows, taught, from),
  );
  return ({ votes, group, score }) => judge.score(votes, group) ?? score;
}
