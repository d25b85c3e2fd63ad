/**
 * @file Which alert counts which: the folding of one source's alerts, worked out again from the first that changed. It follows from the rows alone,
 * so a log that is followed folds as it does in a batch.
 */
import { alertStates, defaultFolding, type FoldingSettings, type VerdictValue } from '../../shared/domain.ts';
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

const profileOf = ({ actor, culprits }: Pick<Row, 'actor' | 'culprits'>): AlertProfile => ({
  actor,
  culprits: JSON.parse(culprits) as CulpritShare[],
});

export type Repeats = ReturnType<typeof prepareRepeats>;

export function prepareRepeats(db: Connection, parts: { mutes: Mutes; settings: Settings; thresholds: Thresholds }) {
  const { mutes, settings, thresholds } = parts;
  const columns = `number, event_id AS eventId, at, score, severity, fingerprint, actor, culprits, decided_by AS decidedBy,
    CASE WHEN folded_by IS NOT NULL THEN 'verdict ' || folded_by WHEN muted_by IS NOT NULL THEN 'mute ' || muted_by ELSE '' END AS hiddenBy,
    head_number AS headNumber, repeat_count AS repeatCount, repeat_last_at AS repeatLastAt`;
  const latest = db
    .prepare<[number, number], number | null>('SELECT max(at) FROM alert WHERE source_id = ? AND event_id < ?')
    .pluck();
  const recent = db.prepare<{ sourceId: number; eventId: number; since: number }, Row>(
    `SELECT ${columns} FROM alert WHERE source_id = @sourceId AND event_id < @eventId AND at >= @since
       AND origin = 'detector' ORDER BY event_id`,
  );
  const from = db.prepare<[number, number], Row>(
    `SELECT ${columns} FROM alert WHERE source_id = ? AND event_id >= ? AND origin = 'detector' ORDER BY event_id`,
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
  const sources = db.prepare<[], number>('SELECT id FROM source').pluck();
  const sourcesBetween = db
    .prepare<{ from: number; to: number }, number>(
      `SELECT DISTINCT source_id FROM alert INDEXED BY alert__by_severity
       WHERE state IN (${alertStates.map((state) => `'${state}'`).join(', ')}) AND severity IN (1, 2, 3, 4, 5)
         AND score >= @from AND score < @to ORDER BY source_id`,
    )
    .pluck();

  const using = (): FoldingSettings => (settings.get('folding') as FoldingSettings | null) ?? defaultFolding;

  /**
   * Of a source, for alerts from this event on. Belongs into the transaction that changed them. Returns the numbers of those that another counted
   * before and that stand by themselves now.
   */
  const fold = (sourceId: number, fromEventId: number): number[] => {
    const settingsNow = using();
    const minScore = thresholds.current()?.score ?? 0;
    const folding = new Folding(settingsNow);
    const ownOf = (row: Row): Omit<Head, 'lastAt'> => ({
      eventId: row.eventId,
      isShown: row.score >= minScore,
      severity: row.severity,
      fingerprint: row.fingerprint,
      profile: profileOf(row),
      isClosed: row.decidedBy !== null,
      hiddenBy: row.hiddenBy,
    });
    const numberOf = new Map<number, number>();
    const eventOf = new Map<number, number>();
    const know = ({ number, eventId }: Row): void => {
      numberOf.set(eventId, number);
      eventOf.set(number, eventId);
    };
    const before = new Map<number, Head>();
    const clock = latest.get(sourceId, fromEventId) ?? null;
    if (clock !== null) {
      const since = clock - settingsNow.cooldownSeconds * 1000;
      for (const row of recent.all({ sourceId, eventId: fromEventId, since })) {
        const head = row.headNumber === null ? row : byNumber.get(row.headNumber);
        if (!head || head.fingerprint === '') continue;
        know(head);
        const known = before.get(head.number);
        const lastAt = Math.max(known?.lastAt ?? -Infinity, row.at ?? since);
        before.set(head.number, known ? { ...known, lastAt } : { ...ownOf(head), lastAt });
      }
      folding.restore([...before.values()]);
    }
    const rows = from.all(sourceId, fromEventId);
    rows.forEach(know);
    const freed: number[] = [];
    const counted = new Map<number, { count: number; lastAt: number | null }>();
    for (const row of rows) {
      // Nothing is known of what alerts of earlier versions are like.
      const at = row.fingerprint === '' ? null : row.at;
      const under = row.headNumber === null ? null : (eventOf.get(row.headNumber) ?? null);
      const eventId = folding.add({ ...ownOf(row), at, head: under });
      const head = eventId === null ? null : (numberOf.get(eventId) ?? null);
      if (head !== row.headNumber) setHead.run(head, row.number);
      if (head === null) {
        if (row.headNumber !== null) freed.push(row.number);
        continue;
      }
      const { count: sofar, lastAt } = counted.get(head) ?? { count: 0, lastAt: null };
      counted.set(head, { count: sofar + 1, lastAt: Math.max(lastAt ?? -Infinity, row.at ?? -Infinity) });
    }
    for (const { number, repeatCount, repeatLastAt } of rows) {
      const { count: now, lastAt } = counted.get(number) ?? { count: 0, lastAt: null };
      if (now !== repeatCount || lastAt !== repeatLastAt) setCount.run(now, lastAt, number);
    }
    for (const number of before.keys()) count.run({ number });
    return freed;
  };

  return {
    fold,
    /** Of what the settings change, and of what a threshold that moved shows or hides. */
    foldAgain: ({ moved }: Input<'fold_again'>): undefined => {
      inTransaction(db, () => {
        for (const sourceId of moved ? sourcesBetween.all(moved) : sources.all()) mutes.hideNew(fold(sourceId, 0));
      });
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
