/**
 * @file Observables of a line: what can be looked for elsewhere, found by the masking's own tokens and the fields of the format. Nothing is guessed:
 * a word with a dot in it is no domain, a number with three dots and an odd part is no address.
 */
import type { ParsedLine, Span } from '../../shared/lines.ts';
import type { FoundObservable, ObservableKind } from '../../shared/observables.ts';
import { observableKey } from '../../shared/observables.ts';
import { endOfIp4, kindOfIp4, kindOfIp6 } from './shapes.ts';
import { tokenKinds } from './kinds.ts';
import { tokenize } from './mask.ts';
import { findWho } from './who.ts';

/** Longer ones are cut: an observable is to be looked for, and a report is to be read. */
const mostChars = 1000;
const hashLengths: ReadonlySet<number> = new Set([32, 40, 64, 96, 128]);
const hexadecimal = /^[0-9a-f]+$/i;
const domainName = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,10}[a-z][a-z0-9-]{0,61}[a-z]$/i;
/** No name of anybody: what logs write where there is none. */
const emptyNames: ReadonlySet<string> = new Set([
  '',
  '-',
  '?',
  '(none)',
  '(unknown)',
  'unknown',
  '*',
  'SYSTEM\\-',
  'localhost',
]);

/** Where a command line begins, and what ends it. The first that is found counts. */
const commandLeads: readonly { lead: string; end: string | null }[] = [
  { lead: 'COMMAND=', end: null },
  { lead: '"CommandLine":"', end: '"' },
  { lead: '"CommandLine": "', end: '"' },
  { lead: '"cmdline":"', end: '"' },
  { lead: '"command_line":"', end: '"' },
  { lead: ' CMD (', end: ')' },
];

const terminal = /^(?:\/dev\/)?(?:pts\/\d+|tty\w*|console)$/;
/** A directory by how it is written, of the system by its name, or somebody's home. */
const bareDirectory = /\/$|^\/[a-z]+$|^\/(?:usr|usr\/local)\/s?bin$|^\/(?:home|Users|var)\/[^/]+$/;

const paths: ReadonlySet<number> = new Set([
  tokenKinds.path,
  tokenKinds.pathEtc,
  tokenKinds.pathHome,
  tokenKinds.pathTemporary,
  tokenKinds.pathOdd,
]);
const isPath = (kind: number): boolean => paths.has(kind);

/** In the order of the line, each once. */
export function observablesOf(raw: string, parsed: ParsedLine): FoundObservable[] {
  const found = new Found();
  const tokens = tokenize(raw, parsed.message);
  const slice = (span: Span | null | undefined): string => (span ? raw.slice(span.start, span.end) : '');
  found.place('host', slice(parsed.host));
  found.name('process', programName(slice(parsed.process)));
  const who = findWho(raw, parsed, tokens);
  found.name('user', slice(parsed.user));
  found.name('user', slice(who.user));
  found.place('host', slice(parsed.subject));
  found.place('host', slice(who.address));
  for (const { kind, start, end } of tokens) {
    // Where a command was run from, and where its program lies, are no files.
    const isDirectory = raw[end] === '/' || raw.startsWith('PWD=', start - 4);
    if (!(isDirectory && isPath(kind))) found.token(kind, raw.slice(start, end));
  }
  found.add('command', commandOf(raw, parsed), null);
  return found.all;
}

class Found {
  readonly all: FoundObservable[] = [];
  readonly #keys = new Set<string>();

  add(kind: ObservableKind, text: string, isInside: boolean | null): void {
    const cut = text.slice(0, mostChars).trim();
    const key = observableKey({ kind, text: cut });
    if (cut === '' || this.#keys.has(key)) return;
    this.#keys.add(key);
    this.all.push({ kind, text: cut, isInside });
  }

  name(kind: ObservableKind, text: string): void {
    if (!emptyNames.has(text)) this.add(kind, text, null);
  }

  /** An address, a domain, or else a machine by its name. */
  place(otherwise: 'host' | 'domain', text: string): void {
    const isInside = rangeOf(text);
    if (isInside !== null) this.add('address', text, isInside);
    else if (domainName.test(text)) this.add('domain', text.toLowerCase(), null);
    else if (otherwise === 'host') this.name('host', text);
  }

  token(kind: number, text: string): void {
    switch (kind) {
      case tokenKinds.ip4:
      case tokenKinds.ip4Private:
      case tokenKinds.ip6:
      case tokenKinds.ip6Private:
        return this.place('domain', text);
      case tokenKinds.url:
      case tokenKinds.urlOdd:
        this.add('url', text, null);
        return this.place('domain', hostOf(text));
      case tokenKinds.email:
        return this.add('email', text, null);
      case tokenKinds.hash:
      case tokenKinds.hex:
        if (hashLengths.has(text.length) && hexadecimal.test(text)) this.add('hash', text.toLowerCase(), null);
        return;
      case tokenKinds.user:
        return this.name('user', text);
      case tokenKinds.host:
        return this.place('host', text);
    }
    if (isPath(kind) && !terminal.test(text) && !bareDirectory.test(text)) this.add('file', text, null);
  }
}

/** Whether an address lies inside; null where the text is none. */
function rangeOf(text: string): boolean | null {
  if (text === '') return null;
  if (endOfIp4(text, 0, text.length) === text.length) return kindOfIp4(text, 0) === tokenKinds.ip4Private;
  if (!text.includes(':')) return null;
  const kind = kindOfIp6(text, 0, text.length);
  return kind < 0 ? null : kind === tokenKinds.ip6Private;
}

/** Host of `scheme://user@host:port/path`, without brackets. */
function hostOf(url: string): string {
  const start = url.indexOf('://') + 3;
  const authority = url.slice(start, start + endOfAuthority(url.slice(start)));
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  const colon = host.indexOf(':');
  return colon < 0 ? host : host.slice(0, colon);
}

function endOfAuthority(rest: string): number {
  const end = rest.search(/[/?#]/);
  return end < 0 ? rest.length : end;
}

function programName(text: string): string {
  const bracket = text.indexOf('[');
  return bracket > 0 ? text.slice(0, bracket) : text;
}

function commandOf(raw: string, { message }: ParsedLine): string {
  for (const { lead, end } of commandLeads) {
    const at = raw.indexOf(lead, lead === ' CMD (' ? message.start - 1 : 0);
    if (at < 0) continue;
    const start = at + lead.length;
    if (end === null) return raw.slice(start, message.end);
    const close = end === '"' ? endOfQuoted(raw, start) : raw.lastIndexOf(end);
    if (close > start) return end === '"' ? unquoted(raw.slice(start, close)) : raw.slice(start, close);
  }
  return '';
}

function endOfQuoted(raw: string, start: number): number {
  for (let index = start; index < raw.length; index++) {
    const character = raw.charCodeAt(index);
    if (character === 92) index++;
    else if (character === 34) return index;
  }
  return -1;
}

/** The text of a JSON string; as it stands where it is none. */
function unquoted(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}
