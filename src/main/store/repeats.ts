/**
 * @file Which alert counts which: the folding of one source's alerts, worked out again from the first that changed. It follows from the rows alone,
 * so a log that is followed folds as it does in a batch. What a change of many alerts leaves to fold is kept with its source (`fold_from_event_id`)
 * and is worked off some alerts at a time: in between verdicts come, and a kill costs nothing but the rest. Until then an alert may be counted by one
 * that is itself counted by another.
 */
import { alertStates } from '../../shared/alerts.ts';
import { defaultFolding, type FoldingSettings } from '../../shared/thresholds.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';
import { similarityOf, type AlertProfile, type CulpritShare } from '../detect/fingerprint.ts';
import { Folding, type Head } from '../detect/folding.ts';
import type { Mutes } from './mutes.ts';
import type { Settings } from './settings.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { Thresholds } from './thresholds.ts';

type Row = {
  number: number;
  eventId: number;
  at: number | null;
  score: number;
  severity: number;
  ownSeverity: number;
  fingerprint: string;
  actor: string;
  culprits: string;
  decidedBy: number | null;
  hiddenBy: string;
  headNumber: number | null;
  repeatCount: number;
  repeatLastAt: number | null;
};

/** Events of repeats that are told of with their head. */
const mostListed = 100;
/** Decided alerts that one is compared with, the latest in the log. */
const mostCompared = 5000;

/** SQLite's word for no limit. */
const everyRow = -1;

const profileOf = ({ actor, culprits }: Pick<Row, 'actor' | 'culprits'>): AlertProfile => ({
  actor,
  culprits: JSON.parse(culprits) as CulpritShare[],
});

/** How far through a source's alerts. */
type Pass = {
  folding: Folding;
  minScore: number;
  /** Numbers of those that were heads before it began. */
  heads: readonly number[];
  /** Of events, and back. */
  numberOf: Map<number, number>;
  eventOf: Map<number, number>;
};

type Placed = {
  /** Stood under another, and stand by themselves now. */
  freed: number[];
  /** Count others than before. */
  parted: Set<number>;
  counted: Map<number, { count: number; lastAt: number | null }>;
};

function know({ numberOf, eventOf }: Pass, { number, eventId }: Row): void {
  numberOf.set(eventId, number);
  eventOf.set(number, eventId);
}

function ownOf(row: Row, { minScore }: Pass): Omit<Head, 'lastAt'> {
  return {
    eventId: row.eventId,
    isShown: row.score >= minScore,
    severity: row.severity,
    ownSeverity: row.ownSeverity,
    fingerprint: row.fingerprint,
    profile: profileOf(row),
    isClosed: row.decidedBy !== null,
    hiddenBy: row.hiddenBy,
  };
}

export type Repeats = ReturnType<typeof prepareRepeats>;

export function prepareRepeats(db: Connection, parts: { mutes: Mutes; settings: Settings; thresholds: Thresholds }) {
  const { mutes, settings, thresholds } = parts;
  const columns = `number, event_id AS eventId, at, score, severity, coalesce(own_severity, severity) AS ownSeverity, fingerprint, actor, culprits, decided_by AS decidedBy,
    CASE WHEN folded_by IS NOT NULL THEN 'verdict ' || folded_by WHEN muted_by IS NOT NULL THEN 'mute ' || muted_by ELSE '' END AS hiddenBy,
    head_number AS headNumber, repeat_count AS repeatCount, repeat_last_at AS repeatLastAt`;
  const latest = db
    .prepare<[number, number], number | null>('SELECT max(at) FROM alert WHERE source_id = ? AND event_id < ?')
    .pluck();
  const recent = db.prepare<{ sourceId: number; eventId: number; since: number }, Row>(
    `SELECT ${columns} FROM alert WHERE source_id = @sourceId AND event_id < @eventId AND at >= @since
       AND origin = 'detector' ORDER BY event_id`,
  );
  const from = db.prepare<[sourceId: number, eventId: number, limit: number], Row>(
    `SELECT ${columns} FROM alert WHERE source_id = ? AND event_id >= ? AND origin = 'detector' ORDER BY event_id LIMIT ?`,
  );
  const byNumber = db.prepare<[number], Row>(`SELECT ${columns} FROM alert WHERE number = ?`);
  const setHead = db.prepare<[number | null, number]>('UPDATE alert SET head_number = ? WHERE number = ?');
  const setCount = db.prepare<[number, number | null, number]>(
    'UPDATE alert SET repeat_count = ?, repeat_last_at = ? WHERE number = ?',
  );
  const count = db.prepare<{ number: number }>(
    `UPDATE alert SET (repeat_count, repeat_last_at) =
       (SELECT count(*), max(at) FROM alert AS again WHERE again.head_number = @number) WHERE number = @number`,
  );
  const listed = db.prepare<[number, number], Output<'list_repeats'>['repeats'][number]>(
    `SELECT again.id, again.number, again.event_id AS eventId, event.line_number AS lineNumber, again.at, again.score
     FROM alert AS again CROSS JOIN event ON event.id = again.event_id
     WHERE again.head_number = ? ORDER BY again.event_id LIMIT ?`,
  );
  const byId = db.prepare<[string], Row>(`SELECT ${columns} FROM alert WHERE id = ?`);
  type Decided = Row & { id: string; value: VerdictValue; analyst: string; givenAt: number };
  const decided = db.prepare<[number], Decided>(
    `SELECT alert.number, alert.id, alert.actor, alert.culprits, verdict.value, verdict.analyst, verdict.at AS givenAt
     FROM alert INDEXED BY alert__by_time CROSS JOIN verdict ON verdict.number = alert.decided_by
     WHERE alert.state = 'decided' ORDER BY alert.order_at DESC, alert.event_id DESC LIMIT ?`,
  );
  const dueAll = db.prepare<[]>('UPDATE source SET fold_from_event_id = 0');
  const dueFrom = db.prepare<{ sourceId: number; eventId: number }>(
    `UPDATE source SET fold_from_event_id = min(coalesce(fold_from_event_id, @eventId), @eventId) WHERE id = @sourceId`,
  );
  const dueBetween = db.prepare<{ from: number; to: number }>(
    `UPDATE source SET fold_from_event_id = min(coalesce(fold_from_event_id, moved.event_id), moved.event_id)
     FROM (SELECT source_id, min(event_id) AS event_id FROM alert INDEXED BY alert__by_severity
       WHERE state IN (${alertStates.map((state) => `'${state}'`).join(', ')}) AND severity IN (1, 2, 3, 4, 5)
         AND score >= @from AND score < @to GROUP BY source_id) AS moved
     WHERE moved.source_id = source.id`,
  );
  const due = db.prepare<[], { sourceId: number; eventId: number }>(
    `SELECT id AS sourceId, fold_from_event_id AS eventId FROM source WHERE fold_from_event_id IS NOT NULL ORDER BY id LIMIT 1`,
  );
  const setDue = db.prepare<[eventId: number | null, sourceId: number]>(
    'UPDATE source SET fold_from_event_id = ? WHERE id = ?',
  );
  const doneFrom = db.prepare<[sourceId: number, eventId: number]>(
    'UPDATE source SET fold_from_event_id = NULL WHERE id = ? AND fold_from_event_id >= ?',
  );
  const changes = db.prepare<[], number>('SELECT total_changes()').pluck();

  const using = (): FoldingSettings => (settings.get('folding') as FoldingSettings | null) ?? defaultFolding;

  /** Before the alerts from this event on, as the rows before it stand. */
  const begin = (sourceId: number, fromEventId: number): Pass => {
    const settingsNow = using();
    const pass: Pass = {
      folding: new Folding(settingsNow),
      minScore: thresholds.current()?.score ?? 0,
      heads: [],
      numberOf: new Map(),
      eventOf: new Map(),
    };
    const clock = latest.get(sourceId, fromEventId) ?? null;
    if (clock === null) return pass;
    const before = new Map<number, Head>();
    const since = clock - settingsNow.cooldownSeconds * 1000;
    for (const row of recent.all({ sourceId, eventId: fromEventId, since })) {
      const head = row.headNumber === null ? row : byNumber.get(row.headNumber);
      if (!head || head.fingerprint === '') continue;
      know(pass, head);
      const known = before.get(head.number);
      const lastAt = Math.max(known?.lastAt ?? -Infinity, row.at ?? since);
      before.set(head.number, known ? { ...known, lastAt } : { ...ownOf(head, pass), lastAt });
    }
    pass.folding.restore([...before.values()]);
    return { ...pass, heads: [...before.keys()] };
  };

  /** The next alerts of the source, in the order of the log: each gets its head. */
  const place = (pass: Pass, rows: readonly Row[]): Placed => {
    for (const row of rows) know(pass, row);
    const placed: Placed = { freed: [], parted: new Set(), counted: new Map() };
    for (const row of rows) {
      // Nothing is known of what alerts of earlier versions are like.
      const at = row.fingerprint === '' ? null : row.at;
      const under = row.headNumber === null ? null : (pass.eventOf.get(row.headNumber) ?? null);
      const eventId = pass.folding.add({ ...ownOf(row, pass), at, head: under });
      const head = eventId === null ? null : (pass.numberOf.get(eventId) ?? null);
      if (head !== row.headNumber) {
        setHead.run(head, row.number);
        for (const number of [head, row.headNumber]) if (number !== null) placed.parted.add(number);
      }
      if (head === null) {
        if (row.headNumber !== null) placed.freed.push(row.number);
        continue;
      }
      const { count: sofar, lastAt } = placed.counted.get(head) ?? { count: 0, lastAt: null };
      placed.counted.set(head, { count: sofar + 1, lastAt: Math.max(lastAt ?? -Infinity, row.at ?? -Infinity) });
    }
    return placed;
  };

  /**
   * Of a source, for alerts from this event on. Belongs into the transaction that changed them. Returns the numbers of those that another counted
   * before and that stand by themselves now.
   */
  const fold = (sourceId: number, fromEventId: number): number[] => {
    const pass = begin(sourceId, fromEventId);
    const rows = from.all(sourceId, fromEventId, everyRow);
    const { freed, counted } = place(pass, rows);
    for (const { number, repeatCount, repeatLastAt } of rows) {
      const { count: now, lastAt } = counted.get(number) ?? { count: 0, lastAt: null };
      if (now !== repeatCount || lastAt !== repeatLastAt) setCount.run(now, lastAt, number);
    }
    for (const number of pass.heads) count.run({ number });
    doneFrom.run(sourceId, fromEventId);
    return freed;
  };

  /** Where the last slice ended, as long as nothing else was written since: what it read of the rows before is still so. */
  let reached: { sourceId: number; eventId: number; changes: number; pass: Pass } | undefined;
  const goOn = ({ sourceId, eventId }: { sourceId: number; eventId: number }): Pass => {
    const isThere = reached?.sourceId === sourceId && reached.eventId === eventId && reached.changes === changes.get();
    return isThere && reached ? reached.pass : begin(sourceId, eventId);
  };

  return {
    fold,
    /** Everything is to be folded again: the settings changed. */
    foldAllLater: (): void => void dueAll.run(),
    /** What a threshold that moved between these shows or hides; belongs, as each of these, into the transaction of the change. */
    foldBetweenLater: (moved: { from: number; to: number }): void => void dueBetween.run(moved),
    /** Alerts of the source from this event on changed. */
    foldFromLater: (sourceId: number, eventId: number): void => void dueFrom.run({ sourceId, eventId }),
    /** So many of the alerts that are to be folded again. */
    foldAgain: ({ limit }: Input<'fold_again'>): Output<'fold_again'> => {
      const next = due.get();
      if (!next) return { isLeft: false, hasMoved: false };
      const { sourceId } = next;
      const pass = goOn(next);
      reached = undefined;
      const { eventId, hasMoved } = inTransaction(db, () => {
        const rows = from.all(sourceId, next.eventId, limit);
        const { freed, parted } = place(pass, rows);
        for (const number of parted) count.run({ number });
        mutes.hideNew(freed);
        const last = rows.at(-1);
        const behind = last && rows.length === limit ? last.eventId + 1 : null;
        setDue.run(behind, sourceId);
        return { eventId: behind, hasMoved: parted.size > 0 };
      });
      if (eventId !== null) reached = { sourceId, eventId, changes: changes.get() ?? 0, pass };
      return { isLeft: due.get() !== undefined, hasMoved };
    },
    list: ({ alertId }: Input<'list_repeats'>): Output<'list_repeats'> => {
      const row = byId.get(alertId);
      return { repeats: row ? listed.all(row.number, mostListed) : [] };
    },
    /** Decided alerts that are most like this one. */
    nearest: ({ alertId, limit }: Input<'nearest_decided'>): Output<'nearest_decided'> => {
      const row = byId.get(alertId);
      if (!row || row.fingerprint === '') return [];
      const profile = profileOf(row);
      return decided
        .all(mostCompared)
        .filter(({ number, culprits }) => number !== row.number && culprits !== '[]')
        .map((other) => {
          const { id, number, value, analyst, givenAt } = other;
          return { id, number, value, analyst, givenAt, similarity: similarityOf(profile, profileOf(other)) };
        })
        .filter(({ similarity }) => similarity > 0)
        .sort((a, b) => b.similarity - a.similarity || b.givenAt - a.givenAt || b.number - a.number)
        .slice(0, limit);
    },
  };
}
