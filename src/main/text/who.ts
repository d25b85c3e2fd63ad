/**
 * @file Who a line is about, from where they came and whether they were let in: spans of the raw line. What somebody from outside writes into a
 * field (a user's name that reads like the end of a line) is taken for what it is: each program's lines are read from the side that it alone writes.
 */
import { loginOutcomes } from '../../shared/eventValues.ts';
import type { ParsedLine, Span } from '../../shared/lines.ts';
import { programOf, webServers } from './entity.ts';
import { broaderKind, tokenKinds } from './kinds.ts';
import { auditLogins, loginOf, windowsLogons, type LoginOutcome } from './logins.ts';
import type { Tokens } from './tokens.ts';

export type Who = {
  /** Also one that failed to log in. */
  user: Span | null;
  /** Where somebody came from: an address, or a host by name. */
  address: Span | null;
  outcome: LoginOutcome;
};

const { none, accepted, failed } = loginOutcomes;
const quote = 34;
const longestUser = 128;

/** `tokens` are those of the message. */
export function findWho(raw: string, parsed: ParsedLine, tokens: Tokens): Who {
  const { kind, process, subject, user } = parsed;
  if (kind !== null && raw.charCodeAt(0) === 123) return ofWindows(raw, parsed, kind);
  if (kind !== null && (raw.startsWith('type=') || raw.startsWith('node='))) return ofAudit(raw, parsed, tokens, kind);
  if (process === null) {
    const isRequest = subject !== null && raw.charCodeAt(parsed.message.start) === quote;
    if (isRequest) return { user, address: subject, outcome: statusOutcome(raw, tokens) };
    return {
      user: user ?? spanAt(tokens, userToken(raw, tokens)),
      address: subject ?? originOf(raw, tokens, false),
      outcome: none,
    };
  }
  const program = programOf(raw, process);
  if (webServers.has(program) && isAddress(tokens, 0) && tokens.starts[0] === parsed.message.start) {
    return { user: userOfRequest(raw, tokens), address: spanAt(tokens, 0), outcome: statusOutcome(raw, tokens) };
  }
  const isModule = raw.startsWith('pam_', parsed.message.start) || raw.charCodeAt(process.end - 1) === 41;
  const login = loginOf(raw, program, isModule, parsed.message);
  return {
    user: login?.user ?? spanAt(tokens, userToken(raw, tokens)) ?? user,
    address: subject ?? originOf(raw, tokens, program === 'sshd' && !isModule),
    outcome: login?.outcome ?? none,
  };
}

/** The account that logs on, where the event is a logon; else who acts. */
function ofWindows(raw: string, { subject, user }: ParsedLine, kind: Span): Who {
  const outcome = windowsLogons.get(raw.slice(kind.start, kind.end));
  const target = outcome === undefined ? null : targetIn(raw);
  return { user: target ?? user, address: subject, outcome: outcome ?? none };
}

/** Inside of a text of JSON quotes are escaped: what stands there is never taken for a field. */
const targetUser = /"TargetUserName"\s{0,4}:\s{0,4}"((?:[^"\\]|\\.){1,128})"/;

function targetIn(raw: string): Span | null {
  const found = targetUser.exec(raw);
  if (!found || found[1] === '-') return null;
  const end = found.index + found[0].length - 1;
  return { start: end - (found[1]?.length ?? 0), end };
}

function ofAudit(raw: string, { subject, user }: ParsedLine, tokens: Tokens, kind: Span): Who {
  const account = spanAt(tokens, userToken(raw, tokens));
  let outcome: LoginOutcome = none;
  if (auditLogins.has(raw.slice(kind.start, kind.end))) {
    for (let index = 0; index + 1 < tokens.length && outcome === none; index++) {
      if (tokens.wordAt(raw, index) !== 'res=') continue;
      const result = raw.slice(tokens.starts[index + 1], tokens.ends[index + 1]);
      if (result === 'success' || result === '1') outcome = accepted;
      else if (result === 'failed' || result === '0') outcome = failed;
    }
  }
  return { user: account ?? user, address: subject, outcome };
}

/** The first user named; of PAM the account that was asked for, behind who asked. */
function userToken(raw: string, tokens: Tokens): number {
  let first = -1;
  for (let index = 0; index < tokens.length; index++) {
    if (tokens.kinds[index] !== tokenKinds.user) continue;
    if (first < 0) first = index;
    const before = index > 0 ? (tokens.starts[index - 1] ?? 0) : 0;
    if (index > 0 && (tokens.ends[index - 1] ?? 0) - before === 5 && raw.startsWith('user=', before)) return index;
  }
  return first;
}

/**
 * Behind `rhost=`, `from` and the like. sshd ends its lines with the address, behind names that anybody may have chosen; but what a client says
 * when it leaves stands behind the address.
 */
function originOf(raw: string, tokens: Tokens, isSsh: boolean): Span | null {
  if (isSsh) {
    const takesFirst = raw.startsWith('Received disconnect', tokens.starts[0] ?? 0);
    let last = -1;
    for (let index = 0; index < tokens.length; index++) {
      if (!isAddress(tokens, index)) continue;
      last = index;
      if (takesFirst) break;
    }
    return spanAt(tokens, last);
  }
  for (let index = 1; index < tokens.length; index++) {
    if (!isAddress(tokens, index)) continue;
    const start = tokens.starts[index - 1] ?? 0;
    const length = (tokens.ends[index - 1] ?? 0) - start;
    const isFrom = (length === 4 || length === 5) && /^from=?$/i.test(raw.slice(start, start + length));
    if (
      isFrom ||
      (length === 6 && raw.startsWith('rhost=', start)) ||
      (length === 5 && raw.startsWith('addr=', start))
    ) {
      return spanAt(tokens, index);
    }
  }
  return null;
}

/** The account of a request that came by syslog: `10.0.0.5 - alice [04/Mar/…] "GET …`. */
function userOfRequest(raw: string, tokens: Tokens): Span | null {
  const start = (tokens.ends[0] ?? 0) + 3;
  if (!raw.startsWith(' - ', start - 3) || raw.startsWith('- [', start)) return null;
  const length = raw.slice(start, start + longestUser + 2).indexOf(' [');
  return length > 0 ? { start, end: start + length } : null;
}

/** A request that was answered with 401 or 403 was refused; whether others were logins nobody says. Quotes in a request are escaped. */
function statusOutcome(raw: string, tokens: Tokens): LoginOutcome {
  for (let index = 1; index < tokens.length; index++) {
    const start = tokens.starts[index] ?? 0;
    if ((tokens.ends[index] ?? 0) - start !== 3 || raw.charCodeAt(start - 2) !== quote || raw[start - 3] === '\\')
      continue;
    if (raw.charCodeAt(start - 1) !== 32) continue;
    const status = raw.slice(start, start + 3);
    if (status === '401' || status === '403') return failed;
    if (/^\d{3}$/.test(status)) return none;
  }
  return none;
}

function isAddress(tokens: Tokens, index: number): boolean {
  const kind = broaderKind(tokens.kinds[index] ?? 0);
  return index < tokens.length && (kind === tokenKinds.address || kind === tokenKinds.addressInside);
}

function spanAt(tokens: Tokens, index: number): Span | null {
  return index < 0 ? null : { start: tokens.starts[index] ?? 0, end: tokens.ends[index] ?? 0 };
}
