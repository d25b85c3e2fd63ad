/** @file From a filter to conditions of SQL over `alert`: our own pieces of text, and every value a parameter. */
import { alertStates, type AlertState } from '../../shared/alerts.ts';
import type { Instant } from '../../shared/instant.ts';
import type { Comparison, Filter, FilterTerm, NameField, NamePattern } from '../../shared/filter/filter.ts';
import { resolveTime, type WallTime } from '../../shared/filter/times.ts';
import { ftsPhrase, scanTerm } from './search.ts';
import type { Parameters } from './statementCache.ts';
import type { UnindexedRange } from './textIndex.ts';

export type CompiledFilter = {
  /** Null: the filter says nothing of states. */
  states: AlertState[] | null;
  conditions: string[];
  parameters: Parameters;
};

export type EventRange = { first: number; last: number };

export type FilterContext = {
  now: Instant;
  zone: string;
  /** Who "me" is. */
  analyst: string;
  /** Events that the text index does not have yet: they are looked through. */
  unindexed: readonly UnindexedRange[];
  /** Null: any. */
  events: EventRange | null;
};

/** Gives each value a name of its own. */
class Binder {
  readonly parameters: Parameters = {};
  #next = 0;
  bind(value: string | number | null): string {
    const name = `f${this.#next++}`;
    this.parameters[name] = value;
    return `@${name}`;
  }
}

type Scope = { binder: Binder; context: FilterContext };

export function compileFilter(filter: Filter, context: FilterContext): CompiledFilter {
  const binder = new Binder();
  const conditions: string[] = [];
  let states: AlertState[] | null = null;
  for (const term of filter) {
    if (term.kind === 'state') {
      const { values, isNegated } = term;
      const among: readonly AlertState[] = states ?? alertStates;
      states = among.filter((state) => values.includes(state) !== isNegated);
      continue;
    }
    const condition = conditionOf(term, { binder, context });
    conditions.push(term.isNegated ? `NOT ${condition}` : condition);
  }
  return { states, conditions, parameters: binder.parameters };
}

const any = (conditions: readonly string[]): string => (conditions.length === 0 ? '0' : `(${conditions.join(' OR ')})`);

/**
 * Two conditions of which the second reads the alert's row, and the first only the event's id, which the index of a walk has. SQLite would begin
 * with the one without a subquery, and the rows of 100,000 alerts in the order of severity took three to six times as long as all the rest.
 */
const firstOr = (first: string, second: string): string => `(CASE WHEN ${first} THEN 1 ELSE ${second} END)`;
const firstAnd = (first: string, second: string): string => `(CASE WHEN ${first} THEN ${second} ELSE 0 END)`;

function conditionOf(term: Exclude<FilterTerm, { kind: 'state' }>, scope: Scope): string {
  const { binder, context } = scope;
  switch (term.kind) {
    case 'words':
      return firstOr(lineHas(term.text, scope), titleHas(term.text, scope));
    case 'text':
      return any(term.values.map((value) => (term.field === 'title' ? titleHas(value, scope) : lineHas(value, scope))));
    case 'severity':
      return any(term.values.map((value) => `alert.severity ${sign(term.comparison)} ${binder.bind(value)}`));
    case 'number':
      return any(term.values.map((value) => numberIs(`alert.${term.field}`, term.comparison, value, scope)));
    case 'name':
      return any(term.values.map((pattern) => nameIs(term.field, pattern, scope)));
    case 'template':
      return any(term.values.map((value) => `alert.template_id = ${binder.bind(value)}`));
    case 'reason':
      return any(term.values.map((value) => `alert.reason = ${binder.bind(value)}`));
    case 'hash':
      return any(
        term.values.map((value) => {
          // Alerts of an earlier version have no actor.
          const isNone = term.field === 'actor' && value === 'none';
          return `alert.${term.field} = ${binder.bind(isNone ? '' : wellFormed(value))}`;
        }),
      );
    case 'verdict':
      return any(
        term.values.map((value) => {
          if (value === 'any') return 'alert.decided_by IS NOT NULL';
          if (value === 'none') return 'alert.decided_by IS NULL';
          return `EXISTS (SELECT 1 FROM verdict AS given WHERE given.number = alert.decided_by AND given.value = ${binder.bind(value)})`;
        }),
      );
    case 'owner':
      return any(
        term.values.map((value) => {
          if (value === 'any') return 'alert.owner IS NOT NULL';
          if (value === 'none') return 'alert.owner IS NULL';
          const pattern = value === 'me' ? { text: context.analyst, isExact: true } : value;
          return `coalesce(${matches('alert.owner', pattern, scope)}, 0)`;
        }),
      );
    case 'case':
      return any(
        term.values.map((value) => {
          const family = (number: number): string =>
            `(SELECT number FROM case_file WHERE root = (SELECT root FROM case_file WHERE number = ${binder.bind(number)}))`;
          const which = typeof value === 'number' ? ` AND held.case_number IN ${family(value)}` : '';
          const held = `EXISTS (SELECT 1 FROM case_alert AS held WHERE held.alert_number = alert.number${which})`;
          return value === 'none' ? `NOT ${held}` : held;
        }),
      );
    case 'time':
      return any(term.values.map((value) => timeIs(term.field, term.comparison, value, scope)));
    case 'viewed':
      return `alert.is_viewed = ${binder.bind(term.isViewed ? 1 : 0)}`;
  }
}

const sign = (comparison: Comparison): string => (comparison === ':' ? '=' : comparison);

/** As they are shown, with one decimal: "score:5.8" means what is shown as 5.8. */
function numberIs(column: string, comparison: Comparison, value: number, { binder }: Scope): string {
  if (comparison !== ':') return `${column} ${comparison} ${binder.bind(value)}`;
  return `(${column} >= ${binder.bind(value - 0.05)} AND ${column} < ${binder.bind(value + 0.05)})`;
}

/** Without regard to the case of A to Z, as names of hosts and users are. `*` stands for anything. */
function matches(column: string, { text, isExact }: NamePattern, { binder }: Scope): string {
  const wanted = wellFormed(text);
  if (isExact) return `${column} = ${binder.bind(wanted)} COLLATE NOCASE`;
  const pattern = wanted.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
  return `${column} LIKE ${binder.bind(pattern)} ESCAPE '\\'`;
}

/** SQLite's texts end at a NUL and hold no lone surrogate. */
function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

function nameIs(field: NameField, pattern: NamePattern, scope: Scope): string {
  const source = `alert.source_id IN (SELECT id FROM source WHERE ${matches('source.name', pattern, scope)})`;
  if (field === 'source') return source;
  if (field === 'detector') return matches('alert.detector', pattern, scope);
  const named = (column: string): string =>
    `EXISTS (SELECT 1 FROM event AS line WHERE line.id = alert.event_id AND ${matches(`line.${column}`, pattern, scope)})`;
  if (field === 'host') return named('host');
  if (field === 'entity') return any([named('entity'), `(alert.entity_kind = 'source' AND ${source})`]);
  return firstAnd(named('entity'), `alert.entity_kind = '${field}'`);
}

function titleHas(text: string, { binder }: Scope): string {
  return `instr(lower(alert.title), ${binder.bind(scanTerm(text))}) > 0`;
}

/** By the index of words, the last one as a beginning; by the characters themselves where there is no word, or no index yet. */
function lineHas(text: string, { binder, context }: Scope): string {
  const query = ftsPhrase(text);
  const scanned = (range: string): string =>
    `(${range}EXISTS (SELECT 1 FROM event AS line WHERE line.id = alert.event_id AND instr(lower(coalesce(line.raw, '')), ${binder.bind(scanTerm(text))}) > 0))`;
  if (query === null) return scanned('');
  const tails = context.unindexed.map(({ after, last }) =>
    scanned(`alert.event_id > ${binder.bind(after)} AND alert.event_id <= ${binder.bind(last)} AND `),
  );
  const { events } = context;
  const within = events ? ` AND rowid BETWEEN ${binder.bind(events.first)} AND ${binder.bind(events.last)}` : '';
  return any([
    `alert.event_id IN (SELECT rowid FROM event_text WHERE event_text MATCH ${binder.bind(`${query} *`)}${within})`,
    ...tails,
  ]);
}

/** Alerts whose line says no time are in no range. */
function timeIs(field: 'at' | 'raised', comparison: Comparison, time: WallTime, { binder, context }: Scope): string {
  const { from, to } = resolveTime(time, context);
  const column = field === 'at' ? 'alert.order_at' : 'alert.raised_at';
  const known = field === 'at' ? ' AND alert.at IS NOT NULL' : '';
  switch (comparison) {
    case '>=':
      return `${column} >= ${binder.bind(from)}`;
    case '>':
      return `${column} >= ${binder.bind(time.kind === 'ago' ? to + 1 : to)}`;
    case '<':
      return `(${column} < ${binder.bind(from)}${known})`;
    case '<=':
      return `(${column} ${time.kind === 'ago' ? '<=' : '<'} ${binder.bind(to)}${known})`;
    case ':':
      if (time.kind === 'ago') return `${column} >= ${binder.bind(from)}`;
      return `(${column} >= ${binder.bind(from)} AND ${column} < ${binder.bind(to)})`;
  }
}
