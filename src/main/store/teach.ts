/**
 * @file What is asked beside the queue: the list to teach from, what an analyst missed, and blind questions with their answers, which stand beside
 * the verdicts and change none.
 */
import type { VerdictValue } from '../../shared/verdicts.ts';
import { AppError } from '../../shared/errors.ts';
import { sideOf, type Asked } from '../../shared/teaching.ts';
import { permanentNumber } from '../detect/sampling.ts';
import { selectToTeach, type TeachCandidate, type Told } from '../detect/teachQueue.ts';
import type { Action, Effect, Journal, Undoable } from './actions.ts';
import { compileQuery } from './alertQuery.ts';
import { asUndecided, blinded } from './alertRows.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import type { StatementCache } from './statementCache.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Targets } from './targets.ts';
import type { TextIndex } from './textIndex.ts';

/** Looked at on each side of the threshold, of each severity; further away nothing is asked about. */
const mostOfSeverity = 1000;
/** Decided alerts that new ones may be like, the latest in the log. */
const mostDecided = 5000;
/** One question in so many labels is an old one. */
const labelsPerQuestion = 20;
/** Own verdicts that are looked through for one to ask about again. */
const mostVerdicts = 2000;

type CandidateRow = Omit<TeachCandidate, 'isSample'> & { isSample: number };

export type Teach = ReturnType<typeof prepareTeach>;

export function prepareTeach(
  db: Connection,
  parts: {
    alerts: Alerts;
    audit: Audit;
    journal: Journal;
    targets: Targets;
    textIndex: TextIndex;
    cache: StatementCache;
  },
) {
  const { alerts, audit, journal, targets, textIndex, cache } = parts;
  const columns = `alert.number, alert.score, alert.signature, alert.template_id AS template,
    alert.sampling_weight IS NOT NULL AS isSample`;
  const bySeverity = `FROM alert INDEXED BY alert__by_severity WHERE alert.state = 'open' AND alert.severity = ?`;
  const above = db.prepare<[number, number], CandidateRow>(
    `SELECT ${columns} ${bySeverity} AND alert.score >= ? ORDER BY alert.score LIMIT ${mostOfSeverity}`,
  );
  const below = db.prepare<[number, number], CandidateRow>(
    `SELECT ${columns} ${bySeverity} AND alert.score < ? ORDER BY alert.score DESC LIMIT ${mostOfSeverity}`,
  );
  const drawn = db.prepare<[], CandidateRow>(
    `SELECT ${columns} FROM alert INDEXED BY alert__sampled
     WHERE alert.sampling_weight IS NOT NULL AND alert.decided_by IS NULL AND alert.folded_by IS NULL AND alert.muted_by IS NULL`,
  );
  const latest = `(SELECT signature, template_id, decided_by FROM alert INDEXED BY alert__by_time
    WHERE state = 'decided' ORDER BY order_at DESC LIMIT ${mostDecided}) AS latest`;
  const signatures = db.prepare<[], Told & { signature: string }>(
    `SELECT latest.signature, count(DISTINCT verdict.number) AS count,
       count(DISTINCT CASE verdict.value WHEN 'true_positive' THEN verdict.number END) AS threats
     FROM ${latest} CROSS JOIN verdict ON verdict.number = latest.decided_by GROUP BY latest.signature`,
  );
  const templates = db
    .prepare<[], [template: number, count: number]>(`SELECT template_id, count(*) FROM ${latest} GROUP BY template_id`)
    .raw();
  const lastVerdict = db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM verdict').pluck();
  const weightOf = db.prepare<[number], number | null>('SELECT sampling_weight FROM alert WHERE number = ?').pluck();

  const ownVerdicts = db.prepare<{ analyst: string; until: number }, { verdict: number; alert: number }>(
    `SELECT own.number AS verdict, alert.number AS alert FROM (
       SELECT number, alert_id, analyst, at FROM verdict
       WHERE kind = 'given' AND alert_count = 1 ORDER BY number DESC LIMIT ${mostVerdicts}) AS own
     CROSS JOIN alert ON alert.id = own.alert_id AND alert.decided_by = own.number
     WHERE own.analyst = @analyst AND own.at <= @until
       AND NOT EXISTS (SELECT 1 FROM answer WHERE verdict_number = own.number AND is_withdrawn = 0)`,
  );
  const answered = db
    .prepare<[string], number>('SELECT count(*) FROM answer WHERE analyst = ? AND is_withdrawn = 0')
    .pluck();
  const byAlert = db.prepare<[string], { number: number; verdict: number; value: VerdictValue; givenAt: number }>(
    `SELECT alert.number, alert.decided_by AS verdict, verdict.value, verdict.at AS givenAt
     FROM alert CROSS JOIN verdict ON verdict.number = alert.decided_by WHERE alert.id = ?`,
  );
  const insertAnswer = db.prepare<{ alert: number; verdict: number; value: string; analyst: string; at: number }>(
    `INSERT INTO answer (alert_number, verdict_number, value, analyst, at)
     VALUES (@alert, @verdict, @value, @analyst, @at)`,
  );
  const withdraw = db.prepare<[isWithdrawn: number, number: number]>(
    'UPDATE answer SET is_withdrawn = ? WHERE number = ?',
  );
  /**
   * One that this analyst decided long ago and is not asked twice about; null where it is not its turn. It comes after so many more labels, by chance: it
   * rises in the list as others do, and no place is known to be that of questions.
   */
  const questionFor = (
    { analyst, now, askAgainAfterMs, seed }: Input<'list_teach'>,
    labelCount: number,
  ): { number: number; place: number } | null => {
    const own = ownVerdicts.all({ analyst, until: now - askAgainAfterMs });
    const count = answered.get(analyst) ?? 0;
    if (count >= (own.length + count) / labelsPerQuestion) return null;
    const chanceOf = ({ verdict }: { verdict: number }): number => permanentNumber(seed, verdict);
    const [asked] = own.sort((one, other) => chanceOf(one) - chanceOf(other));
    if (!asked) return null;
    const turn = Math.floor(labelsPerQuestion * permanentNumber(seed + 1, asked.verdict));
    return {
      number: asked.alert,
      place: (turn + labelsPerQuestion - (labelCount % labelsPerQuestion)) % labelsPerQuestion,
    };
  };

  /** `asked`: the blind question among them, of which the filter knows no more than who is asked. */
  const matching = (
    input: Input<'list_teach'>,
    numbers: readonly number[],
    asked: number | null,
  ): ReadonlySet<number> => {
    if (input.filter === '') return new Set(numbers);
    const { where, parameters } = compileQuery({ ...input, tab: 'all', asOf: null, without: asked }, textIndex);
    const sql = `SELECT alert.number FROM json_each(@numbers) AS wanted
      CROSS JOIN alert ON alert.number = wanted.value WHERE 1 ${where}`;
    const found = cache.values<number>(sql).all({ ...parameters, numbers: JSON.stringify(numbers) });
    if (asked !== null) {
      const alone = compileQuery({ ...input, tab: 'all', asOf: null, without: null }, textIndex);
      const undecided = `${asUndecided('@asked')} SELECT alert.number FROM alert WHERE 1 ${alone.where}`;
      found.push(...cache.values<number>(undecided).all({ ...alone.parameters, asked }));
    }
    return new Set(found);
  };

  const undoable: Undoable = {
    undo: (action: Action): Effect | null => turn(action, 1),
    redo: (action: Action): Effect | null => turn(action, 0),
  };
  function turn({ reference }: Action, isWithdrawn: 0 | 1): Effect | null {
    const { changes } = withdraw.run(isWithdrawn, reference ?? 0);
    return changes === 0 ? null : { alertCount: 1, foldedCount: 0 };
  }

  return {
    undoable,
    list: (input: Input<'list_teach'>): Output<'list_teach'> => {
      const { minScore, share, seed, most, analyst } = input;
      const levels = [1, 2, 3, 4, 5];
      const near = levels.flatMap((level) => [...above.all(level, minScore), ...below.all(level, minScore)]);
      const candidates = [...near.filter(({ isSample }) => !isSample), ...drawn.all()].map(
        ({ isSample, ...row }): TeachCandidate => ({ ...row, isSample: isSample === 1 }),
      );
      const decided = {
        signatures: new Map(signatures.all().map(({ signature, ...told }) => [signature, told])),
        templates: new Map(templates.all()),
      };
      const labelCount = lastVerdict.get() ?? 0;
      const options = { thresholdScore: minScore, share, labelCount, seed, most };
      const picks: { number: number; why: Asked['why'] }[] = selectToTeach(candidates, decided, options);
      const question = questionFor(input, labelCount);
      if (question) picks.splice(Math.min(picks.length, question.place), 0, { number: question.number, why: 'again' });
      const shown = matching(
        input,
        picks.map(({ number }) => number),
        question?.number ?? null,
      );
      const asked = new Map(picks.filter(({ number }) => shown.has(number)).map(({ number, why }) => [number, why]));
      const rows = alerts.byNumbers([...asked.keys()]).map((row) => {
        const why = asked.get(row.number) ?? 'telling';
        const oneOf = why === 'sample' ? (weightOf.get(row.number) ?? null) : null;
        return { ...(why === 'again' ? blinded(row) : row), asked: { why, oneOf } };
      });
      return { rows, newest: alerts.newest(), counts: alerts.counts(minScore, analyst) };
    },

    /** Answers a blind question. The verdict stands. */
    answer: ({ alertId, value, actor }: Input<'answer_again'>): Output<'answer_again'> =>
      inTransaction(db, () => {
        const earlier = byAlert.get(alertId);
        if (!earlier)
          throw new AppError('NOT_FOUND', 'The verdict that this asks about was taken back. Nothing was kept.');
        const { number: alert, verdict, value: before, givenAt } = earlier;
        targets.lay({ selection: { kind: 'ids', ids: [alertId] }, minScore: 0, now: actor.at, analyst: actor.analyst });
        const reference = Number(insertAnswer.run({ alert, verdict, value, ...actor }).lastInsertRowid);
        journal.enter({ kind: 'answer', reference, owner: null, alertCount: 1, ...actor }, 'none');
        const isSame = sideOf(before) === sideOf(value);
        audit.append({ action: 'verdict.asked_again', subject: alertId, details: { value, isSame }, actor });
        return { before, givenAt, isSame };
      }),
  };
}
