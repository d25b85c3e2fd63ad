/** @file Where the words around a token say that it is a user's name. Used by the scanner only. */
import { isBlankCode } from './characters.ts';

/** What the word emitted last makes of the next token. */
export const lead = {
  none: 0,
  /** `for X from`. */
  for: 1,
  /** A word that makes a `user` behind it name somebody: `of`, `from`, `authenticating`. */
  names: 2,
  /** As `names`, and the name may be anything: `invalid`. */
  invalid: 3,
  /** `for user X`. */
  user: 4,
  /** `invalid user X`: all up to ` from `. */
  invalidUser: 5,
  /** `by X(uid=0)`. */
  by: 6,
  /** `user=X`. */
  key: 7,
  /** `CMD (`, `COMMAND=`, `exe=`: a program. */
  command: 8,
  /** `comm=`: a program's bare name. */
  program: 9,
  /** `rhost=X`. */
  host: 10,
  /** `port 22`, `dport=22`. */
  port: 11,
} as const;

/** Longest name taken behind `invalid user`. */
const longestName = 128;

/** The lead that the word [start, end) of letters gives, behind a word that gave `before`. First letters are looked at first. */
export function leadOfWord(raw: string, start: number, end: number, before: number): number {
  const first = raw.charCodeAt(start);
  switch (end - start) {
    case 2:
      if (first === 111) return raw.charCodeAt(start + 1) === 102 ? lead.names : lead.none;
      return first === 98 && raw.charCodeAt(start + 1) === 121 ? lead.by : lead.none;
    case 3:
      if (first === 102) return raw.startsWith('for', start) ? lead.for : lead.none;
      return first === 67 && raw.startsWith('CMD', start) ? lead.command : lead.none;
    case 4:
      if (first === 117 && raw.startsWith('user', start)) {
        if (before === lead.invalid) return lead.invalidUser;
        return before === lead.for || before === lead.names || before === lead.by ? lead.user : lead.none;
      }
      if ((first | 32) === 112) return raw.startsWith('ort', start + 1) ? lead.port : lead.none;
      return first === 102 && raw.startsWith('from', start) ? lead.names : lead.none;
    case 7:
      if ((first | 32) !== 105) return lead.none;
      return raw.startsWith('nvalid', start + 1) || raw.startsWith('llegal', start + 1) ? lead.invalid : lead.none;
    case 14:
      return first === 97 && raw.startsWith('authenticating', start) ? lead.names : lead.none;
    default:
      return lead.none;
  }
}

/** The lead that the key [start, end) gives, its `=` not included. */
export function leadOfKey(raw: string, start: number, end: number): number {
  switch (end - start) {
    case 3:
      if (raw.startsWith('exe', start)) return lead.command;
      return raw.startsWith('spt', start) || raw.startsWith('dpt', start) ? lead.port : lead.none;
    case 4:
      if ((raw.charCodeAt(start) | 32) === 112 && raw.startsWith('ort', start + 1)) return lead.port;
      if (raw.startsWith('user', start) || raw.startsWith('User', start) || raw.startsWith('acct', start))
        return lead.key;
      return raw.startsWith('comm', start) ? lead.program : lead.none;
    case 5:
      if (raw.startsWith('rhost', start)) return lead.host;
      if (raw.startsWith('sport', start) || raw.startsWith('dport', start)) return lead.port;
      return raw.startsWith('ruser', start) ? lead.key : lead.none;
    case 7:
      if (raw.startsWith('COMMAND', start)) return lead.command;
      return raw.startsWith('logname', start) ? lead.key : lead.none;
    case 8:
      return raw.startsWith('username', start) ? lead.key : lead.none;
    default:
      return lead.none;
  }
}

/** Whether only blanks and quotes, and few of them, stand between two tokens. */
export function isAdjacent(raw: string, from: number, to: number): boolean {
  if (to - from > 3) return false;
  for (let index = from; index < to; index++) {
    const character = raw.charCodeAt(index);
    if (!isBlankCode(character) && character !== 34 && character !== 39) return false;
  }
  return true;
}

/**
 * Index behind the name that opens at `start` where `leadBefore` asks for one, or -1 where the token is no name. `tokenEnd` is the end
 * of the scanner's own token; `limit` that of the message.
 */
export function endOfName(raw: string, start: number, tokenEnd: number, limit: number, leadBefore: number): number {
  switch (leadBefore) {
    case lead.key:
    case lead.user:
      return tokenEnd;
    case lead.invalidUser: {
      // `Invalid user  from 10.0.0.1`: the name is empty. A user may be named "from", too.
      if (raw.startsWith('from ', start) && !raw.startsWith('from from ', start)) return -1;
      const window = raw.slice(start, Math.min(limit, start + longestName + 6));
      const from = window.indexOf(' from ');
      if (from < 0) return tokenEnd;
      let end = start + from;
      while (end > start && isBlankCode(raw.charCodeAt(end - 1))) end--;
      return end;
    }
    case lead.for: {
      let end = start;
      while (end < limit && !isBlankCode(raw.charCodeAt(end))) end++;
      return end + 6 <= limit && (raw.startsWith(' from ', end) || raw.startsWith(' [preauth]', end)) ? end : -1;
    }
    case lead.by:
      return raw.startsWith('(uid=', tokenEnd) ? tokenEnd : -1;
    default:
      return -1;
  }
}

/** Whether [start, end), the first token of the message, is sudo's `alice : TTY=…` or cron's `(root) CMD (…)`. */
export function isOpeningName(raw: string, start: number, end: number, messageStart: number): boolean {
  if (start === messageStart) return raw.startsWith(' : ', end) && isUpperKey(raw, end + 3);
  if (start !== messageStart + 1 || raw.charCodeAt(messageStart) !== 40 || raw.charCodeAt(end) !== 41) return false;
  return raw.charCodeAt(end + 1) === 32 && isUpper(raw.charCodeAt(end + 2)) && isUpper(raw.charCodeAt(end + 3));
}

/** sudo writes `TTY=` next, or a sentence such as `command not allowed ; TTY=`. */
function isUpperKey(raw: string, start: number): boolean {
  return raw.startsWith('TTY=', start) || raw.indexOf(' ; TTY=', start) >= 0;
}

function isUpper(character: number): boolean {
  return character >= 65 && character <= 90;
}
