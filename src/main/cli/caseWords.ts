/** @file What the commands about cases are told: alerts by ids or by a query, and the fields of a case. An empty value takes a field back. */
import { caseStates, longestTag, mostTags, type CaseChange } from '../../shared/cases.ts';
import { verdictValues } from '../../shared/verdicts.ts';
import type { Arguments } from './arguments.ts';
import { UsageError } from './usageError.ts';

/** As long as the app lets a person's name be. */
const maxOwner = 100;

export type ChosenAlerts = { kind: 'ids'; ids: string[] } | { kind: 'open' } | { kind: 'query'; query: string };

/** Throws UsageError where both, or neither of them where some are needed, are given. */
export function chosenAlerts(args: Arguments): ChosenAlerts {
  const query = args.optional('query');
  if (query === undefined) {
    const ids = args.alertIds();
    return ids === 'open' ? { kind: 'open' } : { kind: 'ids', ids };
  }
  if (args.optional('alerts') !== undefined)
    throw new UsageError(`${args.command} takes --alerts or --query, not both.`);
  return { kind: 'query', query };
}

/** The fields that were named. Throws UsageError where none was, or a value is none. */
export function caseChange(args: Arguments): CaseChange {
  const change: CaseChange = {};
  if (args.optional('title') !== undefined) change.title = args.title();
  if (args.optional('state') !== undefined) change.state = args.choice('state', caseStates);
  const severity = args.optional('severity');
  if (severity !== undefined) change.ownSeverity = severity === '' ? null : (args.severity() ?? null);
  const owner = args.optional('owner');
  if (owner !== undefined) change.owner = owner.trim() === '' ? null : oneLine('owner', owner, maxOwner);
  const tags = args.optional('tags');
  if (tags !== undefined) change.tags = tagsOf(tags);
  const due = args.optional('due');
  if (due !== undefined) change.dueAt = due === '' ? null : instantOf(due);
  if (Object.keys(change).length === 0)
    throw new UsageError(
      `${args.command} takes at least one of --title, --state, --severity, --owner, --tags and --due.`,
    );
  return change;
}

/** As what a case is closed. */
export function closing(args: Arguments): (typeof verdictValues)[number] {
  return args.choice('as', verdictValues);
}

function tagsOf(text: string): string[] {
  const tags = text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
    .map((tag) => oneLine('tags', tag, longestTag));
  if (tags.length > mostTags) throw new UsageError(`--tags takes at most ${mostTags}, with commas between them.`);
  return [...new Set(tags)];
}

function oneLine(name: string, text: string, longest: number): string {
  const line = text.replace(/\p{Cc}+/gu, ' ').trim();
  if (line === '' || line.length > longest) throw new UsageError(`--${name}: 1 to ${longest} characters each.`);
  return line;
}

function instantOf(text: string): number {
  const at = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || !Number.isFinite(at))
    throw new UsageError('--due takes a date or a time as 2026-11-29 or 2026-11-29T18:00Z, or nothing.');
  return at;
}
