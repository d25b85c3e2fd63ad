/** @file Which alerts a list means: its tab and its filter, as states, conditions and parameters that every statement over alerts is made of. */
import { alertStates, type AlertState } from '../../shared/alerts.ts';
import type { AlertQuery, ListOrder, QueueTab } from '../../shared/alertLists.ts';
import type { Instant } from '../../shared/instant.ts';
import { AppError } from '../../shared/errors.ts';
import { parseFilter } from '../../shared/filter/parse.ts';
import { compileFilter, type EventRange } from './alertFilter.ts';
import type { Parameters } from './statementCache.ts';
import type { TextIndex } from './textIndex.ts';

/** Below every score: decided alerts are always shown. */
const noScore = -1;

export type QueryInput = AlertQuery & {
  /** Alerts that are not decided and below this -log10 p are kept but not shown. */
  minScore: number;
  now: Instant;
  /** Who "me" is. */
  analyst: string;
  /** Number of an alert that is in none of the lists. */
  without?: number | null;
  /** Where only alerts of these events are asked for: what the text index has of others is not looked at. */
  events?: EventRange | null;
};

export type CompiledQuery = {
  states: AlertState[];
  /** Begins with AND, or is empty. */
  where: string;
  parameters: Parameters;
  /** What a statement over one of the states is given. */
  of: (state: AlertState) => Parameters;
};

const tabStates: Record<QueueTab, readonly AlertState[]> = {
  open: ['open'],
  // In no order that an index has: `teach.ts`.
  teach: [],
  mine: ['open'],
  decided: ['decided'],
  folded: ['folded'],
  muted: ['muted'],
  below: ['open'],
  all: alertStates,
};

/** Throws BAD_REQUEST with the place of what cannot be understood. */
export function compileQuery(input: QueryInput, textIndex: Pick<TextIndex, 'unindexed'>): CompiledQuery {
  const { filter, problems } = parseFilter(input.filter);
  const [problem] = problems;
  if (problem) throw new AppError('BAD_REQUEST', problem.message);
  const { now, zone, analyst, minScore, asOf, without = null, events = null } = input;
  const unindexed = filter.some(({ kind }) => kind === 'words' || kind === 'text') ? textIndex.unindexed() : [];
  const compiled = compileFilter(filter, { now, zone: checkedZone(zone), analyst, unindexed, events });
  const conditions = [...compiled.conditions];
  const parameters = { ...compiled.parameters };
  if (input.tab === 'mine') {
    conditions.push('alert.owner = @mine');
    parameters['mine'] = analyst;
  }
  if (input.tab === 'below') {
    conditions.push('alert.score < @threshold');
    parameters['threshold'] = minScore;
  }
  if (asOf !== null) {
    conditions.push('alert.number <= @asOf');
    parameters['asOf'] = asOf;
  }
  if (without !== null) {
    conditions.push('alert.number <> @without');
    parameters['without'] = without;
  }
  return {
    states: compiled.states ?? [...tabStates[input.tab]],
    where: conditions.map((condition) => `AND ${condition}`).join('\n      '),
    parameters,
    of: (state) => ({
      ...parameters,
      state,
      minScore: state === 'decided' || input.tab === 'below' ? noScore : minScore,
    }),
  };
}

function checkedZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new AppError('BAD_REQUEST', `There is no time zone "${zone}".`);
  }
}

type Walk = { from: string; state: string; order: string; after: string; until: string };

/** How each order walks its index; `after` and `until` take a place each, `until` with the alert that stands there. */
const walks: Record<ListOrder, Walk> = {
  severity: {
    from: 'alert INDEXED BY alert__by_severity',
    state: 'alert.state',
    order: 'alert.severity DESC, alert.score DESC, alert.event_id DESC',
    after: '(alert.severity, alert.score, alert.event_id) < (@first, @second, @eventId)',
    until: '(alert.severity, alert.score, alert.event_id) >= (@lastFirst, @lastSecond, @lastEventId)',
  },
  time: {
    from: 'alert INDEXED BY alert__by_time',
    state: 'alert.state',
    order: 'alert.order_at DESC, alert.event_id DESC',
    after: '(alert.order_at, alert.event_id) < (@first, @eventId)',
    until: '(alert.order_at, alert.event_id) >= (@lastFirst, @lastEventId)',
  },
  surprise: {
    from: 'alert',
    // The index is to be that of the filter, an actor's.
    state: '+alert.state',
    order: 'coalesce(alert.perplexity, 0) DESC, alert.score DESC, alert.event_id DESC',
    after: '(coalesce(alert.perplexity, 0), alert.score, alert.event_id) < (@first, @second, @eventId)',
    until: '(coalesce(alert.perplexity, 0), alert.score, alert.event_id) >= (@lastFirst, @lastSecond, @lastEventId)',
  },
};

/** Selects from `alert` in an order, one state. */
export function walkSql(
  columns: string,
  order: ListOrder,
  { joins = '', where, after, until }: { joins?: string; where: string; after: boolean; until: boolean },
): string {
  const walk = walks[order];
  return `SELECT ${columns} FROM ${walk.from} ${joins}
    WHERE ${walk.state} = @state AND alert.score >= @minScore
      ${after ? `AND ${walk.after}` : ''} ${until ? `AND ${walk.until}` : ''} ${where}
    ORDER BY ${walk.order}`;
}
