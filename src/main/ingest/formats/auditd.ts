/**
 * @file Records of the Linux audit daemon. The records of one event (same time and serial) come as one text, joined in `records.ts`. The
 * program named by the event is its process, the type of its first record its kind.
 */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { code, endOfToken, messageFrom } from './scan.ts';
import { readEpochStamp } from './stamps.ts';

const stampMark = ' msg=audit(';
/** Time, serial, and what a node's name may take: more is none of auditd's. */
const longestHead = 512;
/** Fields are looked for in this much of an event. */
const mostLooked = 16_384;
/** What auditd writes for a login user that was never set: -1 as an unsigned number. */
const unsetUser = '4294967295';

/** Where the parts of a record's head are. Null where the line is no audit record. */
export function readAuditHead(
  raw: string,
): { host: Span | null; type: Span; stampStart: number; stampEnd: number; messageStart: number } | null {
  let start = 0;
  let host: Span | null = null;
  if (raw.startsWith('node=')) {
    const end = raw.indexOf(' ');
    if (end < 6 || end > longestHead) return null;
    host = { start: 5, end };
    start = end + 1;
  }
  if (!raw.startsWith('type=', start)) return null;
  const typeEnd = endOfToken(raw.length > 2 * longestHead ? raw.slice(0, 2 * longestHead) : raw, start);
  if (typeEnd === start + 5 || !raw.startsWith(stampMark, typeEnd)) return null;
  const stampStart = typeEnd + stampMark.length;
  const stampEnd = raw.indexOf(')', stampStart);
  if (stampEnd < 0 || stampEnd - stampStart > 64 || raw.charCodeAt(stampEnd + 1) !== code.colon) return null;
  return { host, type: { start: start + 5, end: typeEnd }, stampStart, stampEnd, messageStart: stampEnd + 2 };
}

/** What a scheduler does in a user's name is its own act. */
const cronPrograms = /\/(?:crond?|atd|anacron)$/;

/** Null where the text does not open with an audit record. */
export function parseAuditd(raw: string, clock: StampClock): ParsedLine | null {
  const head = readAuditHead(raw);
  if (head === null || !readEpochStamp(clock, raw, head.stampStart)) return null;
  if (raw.charCodeAt(clock.end) !== code.colon) return null;
  const at = clock.at;
  const fields = fieldsOf(raw, head.messageStart);
  return {
    fits: true,
    at,
    severity: severityOf(raw, fields),
    host: head.host,
    process: fields.get('exe') ?? fields.get('comm') ?? null,
    processId: fields.get('pid') ?? null,
    kind: head.type,
    subject: namedOf(raw, fields.get('addr')),
    user: cronPrograms.test(textOf(raw, fields.get('exe'))) ? null : actorOf(raw, fields),
    message: messageFrom(raw, head.messageStart),
  };
}

type Field = 'pid' | 'auid' | 'AUID' | 'acct' | 'comm' | 'exe' | 'addr' | 'res' | 'success';

/** `key=value` and `key="value"`, also those inside of `msg='…'`. */
const wantedFields = /(?:^|[^\w.-])(pid|auid|AUID|acct|comm|exe|addr|res|success)=(?:"([^"\n]*)"|([^\s'"]+))/g;

/** The first of each field that is wanted. */
function fieldsOf(raw: string, start: number): ReadonlyMap<Field, Span> {
  const fields = new Map<Field, Span>();
  for (const match of raw.slice(start, start + mostLooked).matchAll(wantedFields)) {
    const name = match[1] as Field;
    const end = start + match.index + match[0].length - (match[2] === undefined ? 0 : 1);
    const length = (match[2] ?? match[3] ?? '').length;
    if (length > 0 && !fields.has(name)) fields.set(name, { start: end - length, end });
  }
  return fields;
}

/** auditd writes `?` for what it does not know. */
function namedOf(raw: string, span: Span | undefined): Span | null {
  return span === undefined || raw[span.start] === '?' ? null : span;
}

function textOf(raw: string, span: Span | undefined): string {
  return span === undefined ? '' : raw.slice(span.start, span.end);
}

/** An act that was refused is worth a look; what was allowed is as it should be. */
function severityOf(raw: string, fields: ReadonlyMap<Field, Span>): LineSeverity | null {
  const result = textOf(raw, fields.get('res') ?? fields.get('success'));
  if (result === '') return null;
  return result === 'failed' || result === 'no' || result === '0' ? 'warning' : 'info';
}

/**
 * The login user whose act it is, by name where auditd was told to write names; before a login is complete the account it is for, unless it
 * failed: whoever tried chose that name.
 */
function actorOf(raw: string, fields: ReadonlyMap<Field, Span>): Span | null {
  const named = fields.get('AUID');
  if (named !== undefined && textOf(raw, named) !== 'unset') return named;
  const login = fields.get('auid');
  const loginText = textOf(raw, login);
  if (login !== undefined && loginText !== unsetUser && loginText !== '-1' && loginText !== 'unset') return login;
  const hasFailed = textOf(raw, fields.get('res')) === 'failed';
  return hasFailed ? null : namedOf(raw, fields.get('acct'));
}
