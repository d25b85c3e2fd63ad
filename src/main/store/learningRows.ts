/** @file What figures of learning are made of: flagged events by what verdicts say of them, what was drawn and missed, blind answers, contradictions. */
import { verdictValues, type VerdictValue } from '../../shared/verdicts.ts';
import { sideOf } from '../../shared/teaching.ts';
import type { Alerts } from './alerts.ts';
import type { AlertRecord } from './protocol/alerts.ts';
import type { LearningRows } from './protocol/learning.ts';
import type { Connection, Input, Output } from './statements.ts';
import { letOthersIn } from './statements.ts';

/** Of alerts that are walked before others are let in: about 15 ms of work. */
const numbersPerStep = 10_000;
/** Zones' days begin at quarters of an hour. */
const quarterMs = 900_000;
const mostAnswers = 500;

const valuesOf = (side: 'threat' | 'harmless'): string =>
  verdictValues
    .filter((value) => sideOf(value) === side)
    .map((value) => `'${value}'`)
    .join(', ');
const isThreat = `IN (${valuesOf('threat')})`;
const isHarmless = `IN (${valuesOf('harmless')})`;

type Flagged = LearningRows['flagged'][number];
type FlaggedRow = Omit<Flagged, 'bin'> & { quarter: number };

export type LearningReading = ReturnType<typeof prepareLearningRows>;

export function prepareLearningRows(db: Connection, { alerts }: { alerts: Alerts }) {
  /** A later run judged its event anew and did not raise it again. Few did among those of a log that is followed. */
  const replacing = `replacing AS MATERIALIZED (SELECT source_id, number, replaced_to_event_id FROM run WHERE replaced_to_event_id IS NOT NULL)`;
  const isStale = `EXISTS (SELECT 1 FROM replacing WHERE replacing.source_id = alert.source_id
    AND replacing.number > alert.run_number AND replacing.replaced_to_event_id >= alert.event_id)`;
  const quarter = `CASE WHEN alert.order_at < @first THEN -1 WHEN alert.order_at >= @end THEN 1e9
    ELSE CAST((alert.order_at - @first) / ${quarterMs} AS INTEGER) END AS quarter`;
  type Step = { first: number; end: number; after: number; upTo: number };
  const flagged = db.prepare<Step, FlaggedRow>(
    `WITH ${replacing} SELECT ${quarter}, alert.severity,
       sum(CASE WHEN said.value ${isThreat} THEN alert.event_count ELSE 0 END) AS threat,
       sum(CASE WHEN said.value ${isHarmless} OR said.value = 'benign_true_positive' THEN alert.event_count ELSE 0 END) AS harmless,
       sum(CASE WHEN said.value IS NULL OR said.value = 'undetermined' THEN alert.event_count ELSE 0 END) AS undecided,
       sum(alert.decided_by IS NOT NULL AND said.value ${isThreat}) AS "right",
       sum(alert.decided_by IS NOT NULL AND said.value ${isHarmless}) AS wrong
     FROM alert NOT INDEXED LEFT JOIN alert AS head ON head.number = alert.head_number AND alert.decided_by IS NULL
     LEFT JOIN verdict AS said ON said.number = coalesce(alert.decided_by, alert.folded_by, head.decided_by, head.folded_by)
     WHERE alert.number > @after AND alert.number <= @upTo
       AND alert.origin = 'detector' AND (alert.was_flagged = 1 OR alert.known_by IS NOT NULL) AND NOT ${isStale}
     GROUP BY quarter, alert.severity`,
  );
  const drawn = db.prepare<
    { first: number; end: number },
    { quarter: number; score: number; weight: number; value: VerdictValue | null }
  >(
    `SELECT ${quarter}, alert.score, alert.sampling_weight AS weight, said.value
     FROM alert INDEXED BY alert__sampled LEFT JOIN verdict AS said ON said.number = coalesce(alert.decided_by, alert.folded_by)
     WHERE alert.sampling_weight IS NOT NULL`,
  );
  const missed = db.prepare<{ first: number; end: number }, { quarter: number; count: number }>(
    `SELECT ${quarter}, count(*) AS count FROM alert INDEXED BY alert__missed
     CROSS JOIN verdict AS said ON said.number = alert.decided_by
     WHERE alert.origin = 'missed' AND said.value ${isThreat} GROUP BY quarter`,
  );
  /** What was kept below the threshold and a verdict says is a threat: its alert stays what it is, whoever named it and wherever. */
  const unflagged = db
    .prepare<{ after: number; upTo: number }, number>(
      `SELECT count(*) FROM alert NOT INDEXED CROSS JOIN verdict AS said ON said.number = alert.decided_by
       WHERE alert.number > @after AND alert.number <= @upTo
         AND alert.origin = 'detector' AND alert.was_flagged = 0 AND alert.known_by IS NULL AND said.value ${isThreat}`,
    )
    .pluck();
  type AnswerRow = Omit<LearningRows['answers'][number], 'stands'> & { stands: number };
  const answers = db.prepare<[string], AnswerRow>(
    `SELECT alert.id AS alertId, alert.number, alert.title, verdict.value AS before, verdict.at AS beforeAt,
       answer.value, answer.at, alert.decided_by IS answer.verdict_number AS stands
     FROM answer CROSS JOIN alert ON alert.number = answer.alert_number
     CROSS JOIN verdict ON verdict.number = answer.verdict_number
     WHERE answer.analyst = ? AND answer.is_withdrawn = 0 ORDER BY answer.number DESC LIMIT ${mostAnswers}`,
  );
  const contradictions = db.prepare<
    [number],
    { signature: string; threat: number; harmless: number; threatCount: number; harmlessCount: number }
  >(
    `SELECT said.signature, said.threat, said.harmless, said.threatCount, said.harmlessCount FROM (
       SELECT alert.signature, max(CASE WHEN verdict.value ${isThreat} THEN alert.decided_by END) AS threat,
         max(CASE WHEN verdict.value ${isHarmless} THEN alert.decided_by END) AS harmless,
         sum(verdict.value ${isThreat}) AS threatCount, sum(verdict.value ${isHarmless}) AS harmlessCount
       FROM alert INDEXED BY alert__decided CROSS JOIN verdict ON verdict.number = alert.decided_by
       WHERE alert.decided_by IS NOT NULL GROUP BY alert.signature) AS said
     WHERE said.threat IS NOT NULL AND said.harmless IS NOT NULL ORDER BY max(said.threat, said.harmless) DESC LIMIT ?`,
  );
  const firstOf = db
    .prepare<[string, number], number>(
      `SELECT number FROM alert INDEXED BY alert__decided WHERE signature = ? AND decided_by = ? ORDER BY number LIMIT 1`,
    )
    .pluck();
  type Side = AlertRecord & { verdict: NonNullable<AlertRecord['verdict']> };
  const decidedBy = (signature: string, verdict: number): Side | undefined => {
    const number = firstOf.get(signature, verdict);
    const [row] = number === undefined ? [] : alerts.byNumbers([number]);
    return row?.verdict ? { ...row, verdict: row.verdict } : undefined;
  };

  /** Through all alerts there are, beside what else is asked for. */
  const flaggedBy = async (edges: { first: number; end: number }, binOf: (quarter: number) => number) => {
    const found = new Map<string, Flagged>();
    let unflaggedThreats = 0;
    const newest = alerts.newest();
    for (let after = 0; after < newest; after += numbersPerStep) {
      for (const { quarter: at, ...row } of flagged.all({ ...edges, after, upTo: after + numbersPerStep })) {
        const bin = binOf(at);
        const key = `${bin} ${row.severity}`;
        const sum = found.get(key);
        if (!sum) found.set(key, { ...row, bin });
        else for (const name of ['threat', 'harmless', 'undecided', 'right', 'wrong'] as const) sum[name] += row[name];
      }
      unflaggedThreats += unflagged.get({ after, upTo: after + numbersPerStep }) ?? 0;
      await letOthersIn();
    }
    return { flagged: [...found.values()], unflaggedThreats };
  };

  return {
    read: async ({ edges, analyst }: Input<'read_learning'>): Promise<Output<'read_learning'>> => {
      const [first = 0, end = 0] = [edges[0], edges.at(-1)];
      // 0 lies before the first day, 1 is the first, and the one behind the last day comes last.
      const binOf = (quarter: number): number =>
        quarter < 0 ? 0 : edges.filter((edge) => edge <= first + quarter * quarterMs).length;
      const binned = <R extends { quarter: number }>({ quarter: at, ...rest }: R) => ({ ...rest, bin: binOf(at) });
      return {
        ...(await flaggedBy({ first, end }, binOf)),
        drawn: drawn.all({ first, end }).map(binned),
        missed: missed.all({ first, end }).map(binned),
        answers: answers.all(analyst).map((row) => ({ ...row, stands: row.stands === 1 })),
      };
    },
    contradictions: ({ limit }: Input<'list_contradictions'>): Output<'list_contradictions'> =>
      contradictions.all(limit).flatMap(({ signature, threat, harmless, threatCount, harmlessCount }) => {
        const [one, other] = [decidedBy(signature, threat), decidedBy(signature, harmless)];
        return one && other
          ? [{ threat: one, harmless: other, counts: [threatCount, harmlessCount] as [number, number] }]
          : [];
      }),
  };
}
