/** @file Whose session a line belongs to: an id that correlates, a client, a node, a user who acts, or the process that wrote it. */
import type { Entity, ParsedLine, Span } from '../../shared/lines.ts';
import { broaderKind, tokenKinds } from './kinds.ts';
import type { Tokens } from './tokens.ts';

/** First words of keys whose value correlates the lines of one request. */
const correlationKeys: ReadonlySet<string> = new Set([
  'trace_id=',
  'traceid=',
  'traceId=',
  'request_id=',
  'requestId=',
  'req_id=',
  'requestid=',
  'correlation_id=',
  'correlationId=',
]);

/** What an entity is told apart by: its keyed hash is kept with its sessions and alerts. */
export function entityKey({ kind, text }: Entity): string {
  return `${kind}\u0000${text}`;
}

/** The entity of a line, or null where only its source is left. */
export function findEntity(raw: string, parsed: ParsedLine, tokens: Tokens): Entity | null {
  const correlation = correlationOf(raw, tokens);
  if (correlation !== null) return correlation;
  if (parsed.subject !== null) {
    // A machine names its node as host and subject alike; a client is nobody's host.
    const isNode = parsed.host !== null && parsed.host.start === parsed.subject.start;
    return { kind: isNode ? 'node' : 'address', text: textOf(raw, parsed.subject) };
  }
  const client = webClient(raw, parsed, tokens);
  if (client !== null) return client;
  if (parsed.user !== null) return { kind: 'user', text: textOf(raw, parsed.user) };
  const user = actingUser(raw, parsed, tokens);
  if (user !== null) return { kind: 'user', text: user };
  if (parsed.process !== null) return { kind: 'process', text: processText(raw, parsed, parsed.process) };
  return parsed.host === null ? null : { kind: 'host', text: textOf(raw, parsed.host) };
}

function textOf(raw: string, span: Span): string {
  return raw.slice(span.start, span.end);
}

function processText(raw: string, parsed: ParsedLine, process: Span): string {
  const host = parsed.host === null ? '' : `${textOf(raw, parsed.host)} `;
  const id = parsed.processId === null ? '' : `[${textOf(raw, parsed.processId)}]`;
  return `${host}${textOf(raw, process)}${id}`;
}

function correlationOf(raw: string, tokens: Tokens): Entity | null {
  const { kinds, starts, ends, length } = tokens;
  for (let index = 0; index < length; index++) {
    const kind = kinds[index];
    if (kind === tokenKinds.block) return { kind: 'block', text: raw.slice(starts[index], ends[index]) };
    if (kind === tokenKinds.request) return { kind: 'request', text: raw.slice(starts[index], ends[index]) };
    if (kind !== tokenKinds.word || index + 1 >= length) continue;
    const end = ends[index] ?? 0;
    const size = end - (starts[index] ?? 0);
    if (size < 7 || size > 15 || raw.charCodeAt(end - 1) !== 61) continue;
    if (!correlationKeys.has(raw.slice(starts[index], end))) continue;
    const valueStart = starts[index + 1] ?? 0;
    if (valueStart - end <= 1) return { kind: 'request', text: raw.slice(valueStart, ends[index + 1]) };
  }
  return null;
}

export const webServers: ReadonlySet<string> = new Set(['nginx', 'apache2', 'apache', 'httpd', 'haproxy', 'caddy']);

/** The client of a web server's access line that came by syslog: it opens the message. */
function webClient(raw: string, parsed: ParsedLine, tokens: Tokens): Entity | null {
  if (parsed.process === null || tokens.starts[0] !== parsed.message.start || tokens.length === 0) return null;
  const kind = broaderKind(tokens.kinds[0] ?? 0);
  if (kind !== tokenKinds.address && kind !== tokenKinds.addressInside) return null;
  if (!webServers.has(programOf(raw, parsed.process))) return null;
  return { kind: 'address', text: raw.slice(tokens.starts[0], tokens.ends[0]) };
}

/** The user whose login, privilege or session act the line is. Failed and invalid logins, and cron, are the process's own. */
function actingUser(raw: string, parsed: ParsedLine, tokens: Tokens): string | null {
  const { process, message } = parsed;
  if (process === null) return null;
  const { kinds, length } = tokens;
  let user = -1;
  for (let index = 0; index < length; index++) {
    if (kinds[index] === tokenKinds.user) {
      user = index;
      break;
    }
  }
  if (user < 0) return null;
  const name = raw.slice(tokens.starts[user], tokens.ends[user]);
  const program = programOf(raw, process);
  if (program === 'cron' || program === 'crond' || program === 'CRON' || program === 'anacron' || program === 'atd')
    return null;
  const opens = (text: string): boolean => raw.startsWith(text, message.start);
  if (user === 0 && program === 'sudo') return name;
  if (isSessionAct(raw, tokens, user)) return name;
  switch (program) {
    case 'sshd':
      if (opens('Accepted ') || opens('Starting session')) return name;
      return opens('Disconnected from user ') ? name : null;
    case 'su':
      return opens('(to ') || opens('Successful su') || opens('+ ') ? name : null;
    case 'login':
      return raw.includes('LOGIN', message.start) ? name : null;
    default:
      return opens('New session') ? name : null;
  }
}

/** `session opened for user X`, `session closed for user X`, `New session 5 of user X`. */
function isSessionAct(raw: string, tokens: Tokens, user: number): boolean {
  const before = (steps: number): string => tokens.wordAt(raw, user - steps) ?? '';
  if (before(1) !== 'user') return false;
  if (before(2) === 'for') return before(4) === 'session' && (before(3) === 'opened' || before(3) === 'closed');
  return before(2) === 'of' && (before(4) === 'session' || before(4) === 'Session');
}

/** `sshd` of `sshd`, `sshd(pam_unix)`, `/usr/sbin/sshd` and `sshd-session`. */
export function programOf(raw: string, process: Span): string {
  let start = process.start;
  const slash = raw.lastIndexOf('/', process.end - 1);
  if (slash >= start) start = slash + 1;
  let end = start;
  while (end < process.end && raw.charCodeAt(end) !== 40) end++;
  const name = raw.slice(start, end);
  return name === 'sshd-session' ? 'sshd' : name;
}
