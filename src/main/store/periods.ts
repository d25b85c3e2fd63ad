/** @file What came of a span of time: what was read, raised, decided and done in it, and what is open. By the clock of this computer, not by the log's. */
import type { HandoverNote } from '../../shared/period.ts';
import type { PeriodAction, PeriodDecision, PeriodSource, PeriodTask, Silence } from '../../shared/periodFacts.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import { preparePeriodAlerts } from './periodAlerts.ts';
import type { PeriodRows } from './protocol/periods.ts';
import type { AlertRecord } from './protocol/alerts.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction, letOthersIn } from './statements.ts';
import type { TimePlaces } from './timePlaces.ts';

const mostDecisions = 10_000;
const mostTasks = 500;
const mostSources = 200;
/** Some milliseconds of work each. */
const rowsPerStep = 2000;
/** A log's time is looked at in so many pieces; two empty ones after each other are a silence. */
const pieces = 96;
const mostSilences = 3;
const modelActions: ReadonlySet<string> = new Set([
  'retraining.proposed',
  'retraining.adopted',
  'retraining.discarded',
  'model.used',
  'model.rolled_back',
]);

type Within = { from: number; to: number };
type SourceRow = Omit<PeriodSource, 'isFollowed' | 'silences'> & { first: number; last: number; isFollowed: number };
/** Behind which rows are read, the newest first; a row of that very moment is not. */
type Before = { at: number; sequence: number };
type DecidedRow = Omit<PeriodDecision, 'isStanding'> & { sequence: number; isStanding: number };

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
  const raisedIn = preparePeriodAlerts(db);
  /** Rows of a span in steps, the newest first: a statement answers those before a place, and the place of the last of them. */
  const inSteps = async <Row extends { at: number; sequence: number }>(
    step: { all: (input: Within & Before) => Row[] },
    within: Within,
    visit: (row: Row) => void,
  ): Promise<void> => {
    for (let before: Before = { at: within.to, sequence: -1 }; ;) {
      const rows = step.all({ ...within, ...before });
      rows.forEach(visit);
      const last = rows.at(-1);
      if (!last || rows.length < rowsPerStep) return;
      before = last;
      await letOthersIn();
    }
  };
  const decided = db.prepare<Within & Before, DecidedRow>(
    `SELECT verdict.number AS sequence, alert.number, alert.severity, alert.title, verdict.value, verdict.analyst, verdict.at, verdict.note,
       verdict.alert_count AS alertCount, alert.decided_by IS verdict.number AS isStanding, alert.raised_at AS raisedAt
     FROM verdict INDEXED BY verdict__at CROSS JOIN alert ON alert.id = verdict.alert_id
     WHERE verdict.kind = 'given' AND verdict.at >= @from AND (verdict.at, verdict.number) < (@at, @sequence)
     ORDER BY verdict.at DESC, verdict.number DESC LIMIT ${rowsPerStep}`,
  );
  const acted = db.prepare<Within & Before, Before & { analyst: string; action: string; subject: string }>(
    `SELECT sequence, at, analyst, action, subject FROM audit INDEXED BY audit__at
     WHERE at >= @from AND (at, sequence) < (@at, @sequence) ORDER BY at DESC, sequence DESC LIMIT ${rowsPerStep}`,
  );
  const detectedAt = db
    .prepare<[string], number>(`SELECT raised_at FROM alert WHERE id = ? AND origin = 'detector'`)
    .pluck();
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

  const readSources = async (within: Within): Promise<PeriodSource[]> => {
    const read: PeriodSource[] = [];
    for (const row of sources.all(within)) {
      read.push(toSource(row, within));
      await letOthersIn();
    }
    return read;
  };

  const readDecisions = async (within: Within): Promise<Pick<PeriodRows, 'decisions' | 'decisionCount'>> => {
    const found: DecidedRow[] = [];
    let decisionCount = 0;
    await inSteps(decided, within, (row) => {
      decisionCount++;
      if (found.length < mostDecisions) found.push(row);
    });
    const decisions = found
      .sort((one, other) => other.sequence - one.sequence)
      .map(({ sequence: _sequence, isStanding, ...row }) => ({ ...row, isStanding: isStanding === 1 }));
    return { decisions, decisionCount };
  };

  const readActs = async (within: Within): Promise<Pick<PeriodRows, 'actions' | 'models' | 'toView'>> => {
    const actions = new Map<string, PeriodAction>();
    const models: PeriodRows['models'] = [];
    const toView: PeriodRows['toView'] = [];
    await inSteps(acted, within, ({ at, analyst, action, subject }) => {
      const key = JSON.stringify([analyst, action]);
      const known = actions.get(key);
      if (known) known.count++;
      else actions.set(key, { analyst, action, count: 1 });
      if (modelActions.has(action)) models.unshift({ at, analyst, action, modelId: subject });
      if (action !== 'alert.viewed' || toView.length === mostDecisions) return;
      const raisedAt = detectedAt.get(subject);
      if (raisedAt !== undefined) toView.push({ at, waitMs: at - raisedAt });
    });
    return { actions: [...actions.values()].sort(byAnalyst), models, toView };
  };

  return {
    read: async ({ from, to, minScore }: Input<'read_period'>): Promise<Output<'read_period'>> => {
      const within = { from, to };
      const { groups, top, newKinds, ...counts } = await raisedIn({ from, to, minScore });
      return {
        ...counts,
        groups: withAlerts(groups),
        top: alerts.byNumbers(top),
        newKinds: withAlerts(newKinds),
        sources: await readSources(within),
        ...(await readDecisions(within)),
        ...(await readActs(within)),
        runs: runs.all(within),
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

function byAnalyst(one: PeriodAction, other: PeriodAction): number {
  if (one.analyst !== other.analyst) return one.analyst < other.analyst ? -1 : 1;
  return other.count - one.count || (one.action < other.action ? -1 : 1);
}
