/** @file What came of a span of time: what was read, raised, decided and done in it, and what is open. By the clock of this computer, not by the log's. */
import type { AlertState, ReasonKind, SeverityLevel } from '../../shared/alerts.ts';
import type { HandoverNote } from '../../shared/period.ts';
import type { PeriodDecision, PeriodSource, PeriodTask, Silence } from '../../shared/periodFacts.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import type { PeriodRows } from './protocol/periods.ts';
import type { AlertRecord } from './protocol/alerts.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction, letOthersIn } from './statements.ts';
import type { TimePlaces } from './timePlaces.ts';

const mostGroups = 20;
const mostNewKinds = 50;
const mostTop = 25;
const mostDecisions = 10_000;
const mostTasks = 500;
const mostSources = 200;
const quarterMs = 900_000;
/** A log's time is looked at in so many pieces; two empty ones after each other are a silence. */
const pieces = 96;
const mostSilences = 3;
const modelActions = [
  'retraining.proposed',
  'retraining.adopted',
  'retraining.discarded',
  'model.used',
  'model.rolled_back',
] as const;

type Within = { from: number; to: number };
type SourceRow = Omit<PeriodSource, 'isFollowed' | 'silences'> & { first: number; last: number; isFollowed: number };
type Known = { count: number; number: number };

export type Periods = ReturnType<typeof preparePeriods>;

export function preparePeriods(db: Connection, parts: { alerts: Alerts; audit: Audit; places: TimePlaces }) {
  const { alerts, audit, places } = parts;
  const sources = db.prepare<Within, SourceRow>(
    `SELECT name, format, state, follow.source_id IS NOT NULL AS isFollowed, imported_at AS importedAt, line_count AS lineCount,
       plain_count AS plainCount, bad_byte_count AS badByteCount, first_at AS firstAt, last_at AS lastAt,
       first_event_id AS first, last_event_id AS last
     FROM source LEFT JOIN follow ON follow.source_id = source.id
     WHERE state <> 'removing' AND ((imported_at >= @from AND imported_at < @to)
       OR (follow.source_id IS NOT NULL AND imported_at < @to AND last_at >= @from))
     ORDER BY source.id DESC LIMIT ${mostSources}`,
  );
  const runs = db.prepare<Within, PeriodRows['runs'][number]>(
    `SELECT source.name AS sourceName, run.finished_at AS finishedAt, run.event_count AS eventCount, run.over_count AS overCount,
       run.threshold_version AS thresholdVersion
     FROM run CROSS JOIN source ON source.id = run.source_id
     WHERE run.finished_at >= @from AND run.finished_at < @to ORDER BY run.number`,
  );
  const raised = `FROM alert INDEXED BY alert__raised_at WHERE raised_at >= @from AND raised_at < @to AND origin = 'detector'
    AND (score >= @minScore OR decided_by IS NOT NULL)`;
  type Shown = Within & { minScore: number };
  const byState = db.prepare<Shown, { severity: SeverityLevel; state: AlertState; count: number }>(
    `SELECT severity, state, count(*) AS count ${raised} GROUP BY severity, state`,
  );
  const shownAt = db.prepare<Shown, { quarter: number | null; count: number }>(
    `SELECT CAST(at / ${quarterMs} AS INTEGER) AS quarter, count(*) AS count ${raised}
       AND state IN ('open', 'folded', 'decided') GROUP BY quarter ORDER BY quarter`,
  );
  const weight = 'severity * 1000 + min(score, 999)';
  // The number is that of the row with the greatest weight.
  const groups = db.prepare<Shown, Known & { openCount: number }>(
    `SELECT count(*) AS count, sum(state = 'open') AS openCount, number, max(${weight}) AS weight ${raised}
     GROUP BY signature ORDER BY max(severity) DESC, count DESC, number LIMIT ${mostGroups}`,
  );
  const groupCount = db.prepare<Shown, number>(`SELECT count(DISTINCT signature) ${raised}`).pluck();
  const top = db
    .prepare<Shown, number>(
      `SELECT number ${raised} AND state IN ('open', 'decided') ORDER BY ${weight} DESC, number LIMIT ${mostTop}`,
    )
    .pluck();
  const knownBefore = `template_id NOT IN (SELECT template_id FROM alert INDEXED BY alert__raised_at WHERE raised_at < @from)`;
  const newKinds = db.prepare<Shown, Known & { reason: ReasonKind; severity: number }>(
    `SELECT count(*) AS count, min(number) AS number, reason, max(severity) AS severity ${raised} AND reason = 'unseen' AND ${knownBefore}
     GROUP BY template_id ORDER BY severity DESC, count DESC, number LIMIT ${mostNewKinds}`,
  );
  const newKindCount = db
    .prepare<Shown, number>(`SELECT count(DISTINCT template_id) ${raised} AND reason = 'unseen' AND ${knownBefore}`)
    .pluck();
  const given = `FROM verdict INDEXED BY verdict__at CROSS JOIN alert ON alert.id = verdict.alert_id
    WHERE verdict.kind = 'given' AND verdict.at >= @from AND verdict.at < @to`;
  const decisions = db.prepare<Within, Omit<PeriodDecision, 'isStanding'> & { isStanding: number }>(
    `SELECT alert.number, alert.severity, alert.title, verdict.value, verdict.analyst, verdict.at, verdict.note,
       verdict.alert_count AS alertCount, alert.decided_by IS verdict.number AS isStanding, alert.raised_at AS raisedAt
     ${given} ORDER BY verdict.number DESC LIMIT ${mostDecisions}`,
  );
  const decisionCount = db.prepare<Within, number>(`SELECT count(*) ${given}`).pluck();
  const views = db.prepare<Within, { at: number; waitMs: number }>(
    `SELECT audit.at, audit.at - alert.raised_at AS waitMs
     FROM audit INDEXED BY audit__viewed CROSS JOIN alert ON alert.id = audit.subject
     WHERE audit.action = 'alert.viewed' AND audit.at >= @from AND audit.at < @to AND alert.origin = 'detector'
     ORDER BY audit.at DESC LIMIT ${mostDecisions}`,
  );
  const actions = db.prepare<Within, PeriodRows['actions'][number]>(
    `SELECT analyst, action, count(*) AS count FROM audit INDEXED BY audit__at WHERE at >= @from AND at < @to
     GROUP BY analyst, action ORDER BY analyst, count DESC, action`,
  );
  const models = db.prepare<Within, PeriodRows['models'][number]>(
    `SELECT at, analyst, action, subject AS modelId FROM audit INDEXED BY audit__at
     WHERE at >= @from AND at < @to AND action IN (${modelActions.map((action) => `'${action}'`).join(', ')}) ORDER BY sequence`,
  );
  const openTasks = `FROM task CROSS JOIN case_file ON case_file.number = task.case_number
    CROSS JOIN case_file AS home ON home.number = case_file.root WHERE task.done_at IS NULL AND home.state <> 'closed'`;
  const tasks = db.prepare<[], PeriodTask>(
    `SELECT task.title, task.owner, task.due_at AS dueAt, home.number AS caseNumber ${openTasks}
     ORDER BY task.due_at IS NULL, task.due_at, task.number LIMIT ${mostTasks}`,
  );
  const openTaskCount = db.prepare<[], number>(`SELECT count(*) ${openTasks}`).pluck();
  const doneTaskCount = db
    .prepare<Within, number>('SELECT count(*) FROM task WHERE done_at >= @from AND done_at < @to')
    .pluck();
  const noteColumns = 'id, analyst, written_at AS writtenAt, text FROM handover_note';
  const notes = db.prepare<Within, HandoverNote>(
    `SELECT ${noteColumns} WHERE written_at >= @from AND written_at < @to ORDER BY number`,
  );
  const noteBefore = db.prepare<[number], HandoverNote>(
    `SELECT ${noteColumns} WHERE written_at < ? ORDER BY written_at DESC, number DESC LIMIT 1`,
  );
  const insertNote = db.prepare<[string, string, number, string]>(
    'INSERT INTO handover_note (id, analyst, written_at, text) VALUES (?, ?, ?, ?)',
  );

  /** Stretches without a line, of the time between `from` and `to`; `endsNow`: it goes on, and may have fallen silent. */
  const silencesOf = ({ first, last }: SourceRow, { from, to }: Within, endsNow: boolean): Silence[] => {
    const pieceMs = (to - from) / pieces;
    if (!(pieceMs >= 1)) return [];
    const edges = Array.from({ length: pieces + 1 }, (_, piece) => places.placeOf(from + piece * pieceMs, first, last));
    const found: Silence[] = [];
    for (let piece = 0; piece < pieces;) {
      let end = piece;
      while (end < pieces && edges[end + 1] === edges[piece]) end++;
      const place = edges[piece] ?? first;
      if (end - piece >= 2 && place > first) {
        const silentFrom = places.timeUpTo(place - 1, first);
        const silentTo = place > last ? null : places.timeFrom(place, last);
        if (silentFrom !== null && (silentTo !== null || endsNow)) found.push({ from: silentFrom, to: silentTo });
      }
      piece = end + 1;
    }
    const lengthOf = (silence: Silence): number => (silence.to ?? to) - silence.from;
    return found
      .sort((one, other) => lengthOf(other) - lengthOf(one))
      .slice(0, mostSilences)
      .sort((one, other) => one.from - other.from);
  };

  const toSource = (row: SourceRow, within: Within): PeriodSource => {
    const { first, last, ...facts } = row;
    const isFollowed = row.isFollowed === 1;
    const isTimed = row.firstAt !== null && row.lastAt !== null && last >= first;
    const looked = isFollowed ? within : { from: row.firstAt ?? 0, to: row.lastAt ?? 0 };
    const lineCount =
      isFollowed && isTimed
        ? places.placeOf(within.to, first, last) - places.placeOf(within.from, first, last)
        : row.lineCount;
    return { ...facts, isFollowed, lineCount, silences: isTimed ? silencesOf(row, looked, isFollowed) : [] };
  };

  const withAlerts = <R extends { number: number }>(
    rows: readonly R[],
  ): (Omit<R, 'number'> & { alert: AlertRecord })[] => {
    const found = new Map(alerts.byNumbers(rows.map(({ number }) => number)).map((alert) => [alert.number, alert]));
    return rows.flatMap(({ number, ...row }) => {
      const alert = found.get(number);
      return alert ? [{ ...row, alert }] : [];
    });
  };

  /** Of a span with very many alerts each takes a tenth of a second: a verdict waits for one of them at the most. */
  const step = async <T>(read: () => T): Promise<T> => {
    await letOthersIn();
    return read();
  };

  return {
    read: async ({ from, to, minScore }: Input<'read_period'>): Promise<Output<'read_period'>> => {
      const within = { from, to };
      const shown = { from, to, minScore };
      return {
        sources: sources.all(within).map((row) => toSource(row, within)),
        runs: runs.all(within),
        alerts: await step(() => byState.all(shown)),
        shownAt: await step(() => shownAt.all(shown)),
        groups: await step(() => withAlerts(groups.all(shown))),
        groupCount: await step(() => groupCount.get(shown) ?? 0),
        top: await step(() => alerts.byNumbers(top.all(shown))),
        newKinds: await step(() => withAlerts(newKinds.all(shown))),
        newKindCount: await step(() => newKindCount.get(shown) ?? 0),
        decisions: await step(() => decisions.all(within).map((row) => ({ ...row, isStanding: row.isStanding === 1 }))),
        decisionCount: await step(() => decisionCount.get(within) ?? 0),
        toView: views.all(within),
        actions: actions.all(within),
        models: models.all(within),
        tasks: tasks.all(),
        openTaskCount: openTaskCount.get() ?? 0,
        doneTaskCount: doneTaskCount.get(within) ?? 0,
        notes: notes.all(within),
        noteBefore: noteBefore.get(from) ?? null,
      };
    },
    addNote: ({ noteId, text, actor }: Input<'add_handover_note'>): undefined =>
      inTransaction(db, () => {
        insertNote.run(noteId, actor.analyst.toWellFormed(), actor.at, text.toWellFormed());
        audit.append({ action: 'handover.noted', subject: noteId, details: { chars: text.length }, actor });
        return undefined;
      }),
  };
}
