/**
 * @file What is hidden for a while: a mute is a filter with a reason and an end. It hides the open alerts that its filter finds, and those that
 * come while it is in force; when it ends, what it hid is open again, unless another mute hides it.
 */
import type { Mute } from '../../shared/actions.ts';
import { AppError } from '../../shared/errors.ts';
import { parseFilter } from '../../shared/filter/parse.ts';
import type { Action, Effect, Journal, Undoable } from './actions.ts';
import { compileQuery } from './alertQuery.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import type { Actor } from './protocol/workspace.ts';
import type { StatementCache } from './statementCache.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';
import type { TextIndex } from './textIndex.ts';

type MuteRow = Omit<Mute, 'hides'> & { zone: string };
/** Of the mute that ends by itself: nobody did it. */
const nobody = '';
/** Below every score: what falls below the threshold and comes back above it must not have escaped. */
const noScore = -1;

export type Mutes = ReturnType<typeof prepareMutes>;

export function prepareMutes(
  db: Connection,
  parts: { alerts: Alerts; audit: Audit; journal: Journal; textIndex: TextIndex; cache: StatementCache },
) {
  const { alerts, audit, journal, textIndex, cache } = parts;
  const columns = 'number, id, filter, zone, reason, analyst, at AS mutedAt, expires_at AS expiresAt, state';
  const insert = db.prepare<Omit<MuteRow, 'number' | 'state'>>(
    `INSERT INTO mute (id, filter, zone, reason, analyst, at, expires_at)
     VALUES (@id, @filter, @zone, @reason, @analyst, @mutedAt, @expiresAt)`,
  );
  const byNumber = db.prepare<[number], MuteRow>(`SELECT ${columns} FROM mute WHERE number = ?`);
  const byId = db.prepare<[string], MuteRow>(`SELECT ${columns} FROM mute WHERE id = ?`);
  const inForce = db.prepare<[], MuteRow>(
    `SELECT ${columns} FROM mute INDEXED BY mute__in_force WHERE state = 'in_force' ORDER BY number`,
  );
  const all = db.prepare<[], MuteRow>(
    `SELECT ${columns} FROM mute ORDER BY state <> 'in_force', number DESC LIMIT 500`,
  );
  const over = db.prepare<[number], MuteRow>(
    `SELECT ${columns} FROM mute WHERE state = 'in_force' AND expires_at <= ? ORDER BY number`,
  );
  const nextEnd = db
    .prepare<[], number | null>(`SELECT min(expires_at) FROM mute WHERE state = 'in_force' AND expires_at IS NOT NULL`)
    .pluck();
  const setState = db.prepare<[state: string, number: number]>('UPDATE mute SET state = ? WHERE number = ?');
  const hides = db
    .prepare<[number], number>(
      `SELECT count(*) FROM alert INDEXED BY alert__muted_by WHERE muted_by = ? AND decided_by IS NULL AND folded_by IS NULL`,
    )
    .pluck();
  const release = db.prepare<[number]>('UPDATE alert SET muted_by = NULL WHERE muted_by = ?');
  /** Repeats are counted by the alert that they repeat, decided ones stay decided. */
  const opens = db
    .prepare<[number], number>(
      `SELECT count(*) FROM alert INDEXED BY alert__muted_by
       WHERE muted_by = ? AND decided_by IS NULL AND folded_by IS NULL AND head_number IS NULL`,
    )
    .pluck();
  const eventsOf = db.prepare<[string], { first: number; last: number }>(
    'SELECT min(event_id) AS first, max(event_id) AS last FROM alert WHERE number IN (SELECT value FROM json_each(?))',
  );

  /** Hides what the mute finds among the open alerts, or among those of these numbers. Returns how many. */
  const apply = (mute: MuteRow, among: readonly number[] | null): number => {
    const { filter, zone, analyst } = mute;
    // "Last 24 hours" in a mute is meant from when it was said.
    const input = { tab: 'open' as const, filter, zone, asOf: null, minScore: noScore, now: mute.mutedAt, analyst };
    const events = among ? (eventsOf.get(JSON.stringify(among)) ?? null) : null;
    const query = compileQuery({ ...input, events }, textIndex);
    const which = among ? 'AND alert.number IN (SELECT value FROM json_each(@among))' : '';
    const sql = `UPDATE alert SET muted_by = @mute WHERE number IN (
      SELECT alert.number FROM alert WHERE alert.state = @state AND alert.score >= @minScore ${which} ${query.where})`;
    const parameters = { ...query.of('open'), mute: mute.number, among: JSON.stringify(among ?? []) };
    return cache.rows(sql).run(parameters).changes;
  };
  /** Returns how many alerts are open again. */
  const end = (mute: MuteRow, state: 'lifted' | 'expired'): number => {
    setState.run(state, mute.number);
    const opened = opens.get(mute.number) ?? 0;
    const released = release.run(mute.number).changes;
    if (released === 0) return 0;
    return inForce.all().reduce((left, other) => left - apply(other, null), opened);
  };
  const begin = (mute: MuteRow): number => {
    setState.run('in_force', mute.number);
    return apply(mute, null);
  };
  const tell = (action: string, mute: MuteRow, alertCount: number, actor: Actor): void =>
    audit.append({ action, subject: mute.id, details: { mute: mute.number, alerts: alertCount }, actor });
  const lifted = (mute: MuteRow, actor: Actor): Effect => {
    const alertCount = end(mute, 'lifted');
    tell('mute.lifted', mute, alertCount, actor);
    return { alertCount, foldedCount: 0 };
  };
  const begun = (mute: MuteRow, actor: Actor): Effect => {
    const alertCount = begin(mute);
    tell('mute.begun', mute, alertCount, actor);
    return { alertCount, foldedCount: 0 };
  };
  const of = (action: Action): MuteRow | undefined => byNumber.get(action.reference ?? 0);
  const isOver = ({ expiresAt }: MuteRow, { at }: Actor): boolean => expiresAt !== null && expiresAt <= at;
  const withHides = ({ zone: _zone, ...mute }: MuteRow): Mute => ({ ...mute, hides: hides.get(mute.number) ?? 0 });
  const get = (id: string): MuteRow => {
    const mute = byId.get(id);
    if (!mute) throw new AppError('NOT_FOUND', 'That mute is no longer there.');
    return mute;
  };
  const reverse = (state: MuteRow['state'], change: typeof lifted) => (action: Action, actor: Actor) => {
    const mute = of(action);
    if (!mute || mute.state !== state || (state !== 'in_force' && isOver(mute, actor))) return null;
    return change(mute, actor);
  };

  return {
    undoableMute: { undo: reverse('in_force', lifted), redo: reverse('lifted', begun) } satisfies Undoable,
    undoableUnmute: { undo: reverse('lifted', begun), redo: reverse('in_force', lifted) } satisfies Undoable,
    list: (): Mute[] => all.all().map(withHides),
    nextEnd: (): number | null => nextEnd.get() ?? null,
    mute: (input: Input<'mute_alerts'>): Output<'mute_alerts'> =>
      inTransaction(db, () => {
        const { muteId: id, filter, zone, reason, expiresAt, actor, minScore } = input;
        if (!narrows(filter))
          throw new AppError('BAD_REQUEST', 'A mute needs a filter: without one it would hide everything.');
        const row = { id, filter, zone, reason, analyst: actor.analyst, mutedAt: actor.at, expiresAt };
        const number = Number(insert.run(row).lastInsertRowid);
        const { alertCount } = begun({ ...row, number, state: 'in_force' }, actor);
        journal.enter({ kind: 'mute', reference: number, owner: null, alertCount, ...actor }, null);
        return { mute: withHides(get(id)), alertCount, counts: alerts.counts(minScore, actor.analyst) };
      }),
    lift: (input: Input<'lift_mute'>): Output<'lift_mute'> =>
      inTransaction(db, () => {
        const { muteId, actor, minScore } = input;
        const mute = get(muteId);
        if (mute.state !== 'in_force') throw new AppError('CONFLICT', 'That mute has ended already.');
        const { alertCount } = lifted(mute, actor);
        journal.enter({ kind: 'unmute', reference: mute.number, owner: null, alertCount, ...actor }, null);
        return { mute: withHides(get(muteId)), alertCount, counts: alerts.counts(minScore, actor.analyst) };
      }),
    /** Ends what is over. Returns how many alerts came back. */
    expire: ({ now }: Input<'expire_mutes'>): Output<'expire_mutes'> => {
      if (over.all(now).length === 0) return { released: 0, nextEnd: nextEnd.get() ?? null };
      return inTransaction(db, () => {
        let released = 0;
        for (const mute of over.all(now)) {
          const alertCount = end(mute, 'expired');
          tell('mute.expired', mute, alertCount, { analyst: nobody, at: now });
          released += alertCount;
        }
        return { released, nextEnd: nextEnd.get() ?? null };
      });
    },
    /** Alerts that were just raised; belongs into their transaction. Returns how many of them are hidden now. */
    hideNew: (numbers: readonly number[]): number => {
      const mutes = numbers.length === 0 ? [] : inForce.all();
      return mutes.reduce((hidden, mute) => hidden + apply(mute, numbers), 0);
    },
  };
}

/** A mute hides open alerts, whatever their state is called: of a filter of states, or of empty quotes, nothing is left to find them by. */
function narrows(filter: string): boolean {
  return parseFilter(filter).filter.some(({ kind, ...term }) => {
    if (kind === 'state') return false;
    return kind !== 'words' || ('text' in term && term.text.trim() !== '');
  });
}
