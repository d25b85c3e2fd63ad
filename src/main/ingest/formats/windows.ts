/**
 * @file Windows events as JSON lines: flat (NXLog, exports of SIEMs) or nested (winlogbeat, the event's own XML as JSON). Fields are known
 * by their names wherever they are nested; the outermost counts. Kinds of event come apart by channel and event id.
 */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { JsonFields } from './jsonFields.ts';
import { endOfDigits, severityOf } from './scan.ts';
import { readAnyStamp } from './stamps.ts';

const levels = 5;

type Role =
  | 'time'
  | 'eventId'
  | 'channel'
  | 'provider'
  | 'host'
  | 'level'
  | 'processId'
  | 'subjectUser'
  | 'targetUser'
  | 'user'
  | 'address'
  | 'message';

/** Names by role, the most telling first; compared in lower case. */
const namesOf: Readonly<Record<Role, readonly string[]>> = {
  // What the collector says of the time comes behind what the event does; NXLog's own has no zone.
  time: ['systemtime', 'timecreated', '@timestamp', 'eventtime', 'timestamp'],
  eventId: ['eventid', 'event_id', 'eventid.#text', 'eventcode'],
  channel: ['channel', 'logname', 'log_name'],
  provider: ['sourcename', 'provider_name', 'providername', 'provider', 'source_name'],
  host: ['computer', 'computername', 'computer_name', 'hostname', 'machinename'],
  level: ['level', 'leveldisplayname', 'severity'],
  processId: ['executionprocessid'],
  subjectUser: ['subjectusername'],
  targetUser: ['targetusername'],
  user: ['user'],
  address: ['ipaddress', 'clientaddress'],
  message: ['message'],
};
const meanings: ReadonlyMap<string, { role: Role; rank: number }> = new Map(
  (Object.keys(namesOf) as Role[]).flatMap((role) =>
    namesOf[role].map((name, rank): [string, { role: Role; rank: number }] => [name, { role, rank }]),
  ),
);
const longestName = Math.max(...[...meanings.keys()].map((name) => name.length));

type Found = { start: number; end: number; rank: number; depth: number };

/** Null where the line is not one whole object with an event id and a channel or provider. */
export function parseWindows(raw: string, clock: StampClock): ParsedLine | null {
  if (raw.charCodeAt(0) !== 123) return null;
  const fields = new JsonFields(raw, levels);
  const found = new Map<Role, Found>();
  while (fields.next()) {
    if (fields.isList || fields.isEmpty()) continue;
    const meaning = meaningOf(fields);
    if (meaning === undefined) continue;
    const { role, rank } = meaning;
    const before = found.get(role);
    const { depth, valueStart: start, valueEnd: end } = fields;
    // Data of the event may be named like its header: what is further out is the header. Of two alike the first counts.
    if (before && (rank > before.rank || (rank === before.rank && depth >= before.depth))) continue;
    if (role === 'message' && !fields.isText) continue;
    found.set(role, { start, end, rank, depth });
  }
  const kind = spanOf(found.get('eventId'));
  const process = spanOf(found.get('channel') ?? found.get('provider'));
  if (!fields.whole || kind === null || process === null || endOfDigits(raw, kind.start) !== kind.end) return null;
  const time = found.get('time');
  return {
    fits: true,
    at: time && readAnyStamp(clock, raw, time.start) ? clock.at : null,
    severity: severityIn(raw, found.get('level')),
    host: spanOf(found.get('host')),
    process,
    processId: spanOf(found.get('processId')),
    kind,
    subject: addressIn(raw, found.get('address')),
    user: actorIn(raw, kind, found),
    message: spanOf(found.get('message')) ?? { start: 0, end: raw.length },
  };
}

function meaningOf(fields: JsonFields): { role: Role; rank: number } | undefined {
  const name = fields.name(longestName)?.toLowerCase();
  if (name === undefined) return undefined;
  // `"EventID":{"#text":4624}`: an attribute made it an object.
  return meanings.get(name === '#text' ? `${fields.name(longestName, 1)?.toLowerCase()}.#text` : name);
}

function spanOf(found: Found | undefined): Span | null {
  return found ? { start: found.start, end: found.end } : null;
}

/** Numbers as Windows writes them (0 is "always", mostly audit), or a word. */
function severityIn(raw: string, found: Found | undefined): LineSeverity | null {
  if (!found) return null;
  if (found.end !== found.start + 1) return severityOf(raw, found.start, found.end);
  switch (raw[found.start]) {
    case '1':
      return 'critical';
    case '2':
      return 'error';
    case '3':
      return 'warning';
    case '0':
    case '4':
      return 'info';
    case '5':
      return 'debug';
    default:
      return null;
  }
}

/** The client's address; the machine itself is no client. */
function addressIn(raw: string, found: Found | undefined): Span | null {
  if (!found || found.end - found.start > 64) return null;
  const start = raw.startsWith('::ffff:', found.start) ? found.start + 7 : found.start;
  const text = raw.slice(start, found.end);
  const isLocal = text === '::1' || text.startsWith('127.') || text === '0.0.0.0' || text === 'LOCAL';
  return isLocal ? null : { start, end: found.end };
}

/** Logons that failed: whoever tried chose the name. */
const failures: ReadonlySet<string> = new Set(['4625', '4771']);
const systemNames: ReadonlySet<string> = new Set(['system', 'local service', 'network service', 'anonymous logon']);

/** Who acted: the subject; the one who logs on where the subject is the machine itself; Sysmon's user. */
function actorIn(raw: string, eventId: Span, found: ReadonlyMap<Role, Found>): Span | null {
  const subject = personIn(raw, found.get('subjectUser'));
  if (subject !== null) return subject;
  const hasFailed = failures.has(raw.slice(eventId.start, eventId.end));
  return (hasFailed ? null : personIn(raw, found.get('targetUser'))) ?? personIn(raw, found.get('user'));
}

/** The name without its domain; null for machine accounts (`WS5$`) and the system's own. */
function personIn(raw: string, found: Found | undefined): Span | null {
  if (!found) return null;
  const backslash = raw.lastIndexOf('\\', found.end - 1);
  const start = backslash >= found.start ? backslash + 1 : found.start;
  if (start >= found.end || raw[found.end - 1] === '$') return null;
  const name = raw.slice(start, Math.min(found.end, start + 32)).toLowerCase();
  return systemNames.has(name) || /^(?:dwm|umfd)-\d+$/.test(name) ? null : { start, end: found.end };
}
