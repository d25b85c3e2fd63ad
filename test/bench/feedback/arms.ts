/**
 * @file What verdicts make of the later part of a stream, arm by arm: the detectors' weights alone; what is remembered; both; with them verified normals
 * among the calibration and the threshold. All by what the app computes with, from the verdicts that stand in its store.
 */
import { reachOfVerdicts } from '../../../src/main/detect/budget.ts';
import type Database from 'better-sqlite3';
import type { OwnRows } from '../../../src/main/detect/ownRows.ts';
import { secondUnder, VoteJudge, weightsUnder } from '../../../src/main/detect/reweigh.ts';
import { leastScoreOf } from '../../../src/main/detect/severity.ts';
import type { AdaptOutput } from '../../../src/shared/adaptProtocol.ts';
import { defaultLearning } from '../../../src/shared/learning.ts';
import type { Taught } from '../../../src/shared/taught.ts';
import { adapt } from '../../../trainer/adapt/adapt.ts';
import type { AskStore } from './analyst.ts';
import type { StreamAlert } from './stream.ts';
import type { Judged } from './queue.ts';

export const quickArms = ['weights', 'memory', 'memory+weights', '+threshold'] as const;
export const arms = [...quickArms, '+model', 'published_rule'] as const;
export type QuickArm = (typeof quickArms)[number];
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

const knownSeverity = 4;

export async function outcomesOf(parts: Teachable): Promise<Record<QuickArm, ArmOutcome>> {
  const { rows, from } = parts;
  const { taught, thresholdScore } = await learned(parts);
  const remember = rememberer(parts);
  const under = (own: Taught | null, threshold: number): Judged[] =>
    remember(own ? scorerOf(rows, own, from) : (alert) => alert.score, threshold);
  const weights: Taught | null = taught && { weights: taught.weights, joined: null };
  const scoreOf = weights ? scorerOf(rows, weights, from) : (alert: StreamAlert): number => alert.score;
  return {
    weights: {
      judged: parts.later.map((alert) => ({ alert, score: scoreOf(alert), isHidden: false })),
      ...{ threshold: null, taught: weights },
    },
    memory: { judged: under(null, from), threshold: null, taught: null },
    'memory+weights': { judged: under(weights, from), threshold: null, taught: weights },
    '+threshold': { judged: under(taught, thresholdScore), threshold: thresholdScore, taught },
  };
}

/** What is remembered of later alerts, over any scores: what folds, and that known threats are as severe as the store makes them. */
export function rememberer({ db, later }: Pick<Teachable, 'db' | 'later'>) {
  const remembered = new Map(
    db
      .prepare<[], { number: number; isHidden: number; isKnown: number }>(
        'SELECT number, folded_by IS NOT NULL AS isHidden, known_by IS NOT NULL AS isKnown FROM alert',
      )
      .all()
      .map((row) => [row.number, row]),
  );
  return (scoreOf: (alert: StreamAlert) => number, threshold: number): Judged[] =>
    later.map((alert) => {
      const { isHidden = 0, isKnown = 0 } = remembered.get(alert.number) ?? {};
      const least = isKnown === 1 ? leastScoreOf(knownSeverity, threshold) : 0;
      return { alert, score: Math.max(scoreOf(alert), least), isHidden: isHidden === 1 };
    });
}

async function learned({ ask, modelId, rows, from }: Teachable): Promise<AdaptOutput> {
  const labels = await ask('labelled_scores', { modelId });
  const judged = await ask('judged_rows', { modelId, minScore: from });
  return adapt(
    {
      ownRowsPath: null,
      labels: labels.map((label) => ({ ...label, samplingWeight: label.samplingWeight ?? 1 })),
      ...{
        budgetScore: from,
        maxShift: reachOfVerdicts(labels.length),
        settings: defaultLearning,
        judged,
        joinedBefore: [],
        meant: [],
        calibrationRows: rows.second.pooled.count,
      },
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
