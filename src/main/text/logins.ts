/**
 * @file Logins as sshd, su, sudo, login and PAM write them: accepted or failed, and the account where no placeholder names it. Told by how the
 * line opens: what somebody else chose, such as a user's name, stands behind that.
 */
import { loginOutcomes } from '../../shared/eventValues.ts';
import type { Span } from '../../shared/lines.ts';

const { none, accepted, failed } = loginOutcomes;

export type LoginOutcome = (typeof loginOutcomes)[keyof typeof loginOutcomes];
export type Login = { outcome: LoginOutcome; user: Span | null };

/** Looked at of a message. */
const mostChars = 512;
const repeated = 'message repeated ';

type Reader = (text: string, start: number) => Login | null;

const readers: ReadonlyMap<string, Reader> = new Map([
  ['sshd', readSsh],
  ['sudo', readSudo],
  ['su', readSu],
  ['login', readConsole],
]);
/** Sessions that begin without a login: by the clock, or after one that su and sudo themselves write of. */
const withoutLogin: ReadonlySet<string> = new Set(
  'cron crond CRON anacron atd systemd systemd-user su sudo'.split(' '),
);

/** Null where the program writes of no logins. `isModule`: a module of PAM speaks, not the program. */
export function loginOf(raw: string, program: string, isModule: boolean, message: Span): Login | null {
  const read = readers.get(program);
  if (!read && !isModule) return null;
  let { start } = message;
  if (raw.startsWith(repeated, start)) {
    const bracket = raw.slice(start, Math.min(message.end, start + 64)).indexOf('[ ');
    if (bracket > 0) start += bracket + 2;
  }
  const text = raw.slice(start, Math.min(message.end, start + mostChars));
  return (isModule ? null : read?.(text, start)) ?? readModule(text, program);
}

function outcomeOf(outcome: LoginOutcome): Login {
  return { outcome, user: null };
}

/** `pam_unix(sshd:auth): authentication failure; …`, with the module in front or as the process. */
function readModule(text: string, program: string): Login | null {
  const body = /^pam_\w+\(([\w-]+)(?::[\w-]+)?\): /.exec(text);
  const own = body ? text.slice(body[0].length) : text;
  if (own.startsWith('authentication failure;') || /^\d+ more authentication failures?;/.test(own))
    return outcomeOf(failed);
  if (!own.startsWith('session opened for user ') || withoutLogin.has(body?.[1] ?? program)) return null;
  return outcomeOf(accepted);
}

const sshFailures = [
  'Failed ',
  'Invalid user',
  'Illegal user',
  'error: maximum authentication attempts',
  'error: PAM: ',
];

/** First letters of lines that may say so: the others are not looked at further. */
const isTelling = /^[CDFIPUei]/;
const unproven =
  /^(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting|input_userauth_request:) (?:invalid|authenticating) user /;

function readSsh(text: string, start: number): Login | null {
  if (text.startsWith('Accepted ')) return outcomeOf(accepted);
  if (!isTelling.test(text)) return null;
  // Gone before they were let in: the name is only what they said.
  if (unproven.test(text)) return outcomeOf(failed);
  if (sshFailures.some((opening) => text.startsWith(opening))) return outcomeOf(failed);
  if (/^PAM \d+ more authentication failure/.test(text)) return outcomeOf(failed);
  const refused = /^User (\S+) from \S+ not allowed because /.exec(text);
  return refused ? { outcome: failed, user: spanOf(start + 5, refused[1]) } : null;
}

/** Root is asked for nothing. `alice : TTY=… ; COMMAND=…`, and with `3 incorrect password attempts ; ` and the like before that where it was refused. */
function readSudo(text: string): Login | null {
  const line = /^\s*(?!root :)\S+ : (?:TTY=|(?=.* ; TTY=)())/.exec(text);
  return line && outcomeOf(line[1] === undefined ? accepted : failed);
}

/** `(to root) alice on pts/0`, `Successful su for root by alice`, `+ pts/0 alice:root`: who acts, as sudo names them. */
function readSu(text: string, start: number): Login | null {
  const line =
    /^(FAILED SU )?\(to [^)\s]+\) ()(\S+) on /.exec(text) ??
    /^(FAILED|Successful) su for \S+ by ()(\S+)/.exec(text) ??
    /^([+-]) (?:\S+) ()([^\s:]+):\S/.exec(text);
  if (!line) return null;
  const [whole, mark = '', , name = ''] = line;
  const nameStart = start + whole.lastIndexOf(name);
  const outcome = mark.startsWith('FAILED') || mark === '-' ? failed : accepted;
  return { outcome: name === 'root' ? none : outcome, user: spanOf(nameStart, name) };
}

/** `FAILED LOGIN (1) on '/dev/tty1' FOR 'root', …`, `ROOT LOGIN on …`, `LOGIN ON tty1 BY alice`. */
function readConsole(text: string, start: number): Login | null {
  const refused = /^FAILED LOGIN .*? FOR '?([^'\s,]+)/.exec(text);
  if (refused) return { outcome: failed, user: endsAt(start + refused[0].length, refused[1]) };
  const by = /^LOGIN ON \S+ BY (\S+)/.exec(text);
  if (by) return { outcome: accepted, user: endsAt(start + by[0].length, by[1]) };
  return text.startsWith('ROOT LOGIN') ? outcomeOf(accepted) : null;
}

function spanOf(start: number, name = ''): Span {
  return { start, end: start + name.length };
}

function endsAt(end: number, name = ''): Span {
  return { start: end - name.length, end };
}

/** Logons that Windows audits, by event id. Kerberos asks for a first proof with every ticket; refused, it is 4771. */
export const windowsLogons: ReadonlyMap<string, LoginOutcome> = new Map<string, LoginOutcome>([
  ['4624', accepted],
  ['4625', failed],
  ['4771', failed],
  ['4648', none],
  ['4634', none],
  ['4647', none],
  ['4768', none],
  ['4769', none],
  ['4776', none],
]);

/** Records of auditd that say with `res=` whether somebody was let in. */
export const auditLogins: ReadonlySet<string> = new Set(['USER_LOGIN', 'USER_AUTH']);
