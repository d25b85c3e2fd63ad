/** @file A JSON object per line. Spans are those of the raw, still escaped text of the values. */
import type { LineSeverity, ParsedLine, Span } from '../../../shared/lines.ts';
import type { StampClock } from '../stampClock.ts';
import { JsonFields } from './jsonFields.ts';
import { code, severityOf } from './scan.ts';
import { readAnyStamp } from './stamps.ts';

type Role = 'time' | 'severity' | 'host' | 'process' | 'processId' | 'subject' | 'user' | 'message';
type Meaning = { role: Role; rank: number };

/** Keys by role, the most telling first; compared in lower case. Nested keys are joined with a dot (ECS). */
const keysOf: Readonly<Record<Role, readonly string[]>> = {
  time: [
    '@timestamp',
    'timestamp',
    'time',
    'ts',
    'date',
    'datetime',
    'eventtime',
    'timecreated',
    'utctime',
    'asctime',
    't',
  ],
  severity: ['level', 'severity', 'loglevel', 'log.level', 'levelname', 'lvl', 'level_name', 'log_level', 'priority'],
  host: ['hostname', 'host', 'host.name', 'computer', 'host.hostname', 'machine', 'node', 'server'],
  process: [
    'process',
    'process.name',
    'logger',
    'service',
    'service.name',
    'app',
    'application',
    'program',
    'component',
    'name',
    'sourcename',
    'log.logger',
    'logger_name',
    'source',
    'module',
    'channel',
  ],
  processId: ['pid', 'process.pid', 'processid', 'process_id', 'executionprocessid'],
  subject: [
    'client_ip',
    'clientip',
    'remote_addr',
    'source.ip',
    'client.ip',
    'src_ip',
    'remote_ip',
    'client',
    'id.orig_h',
  ],
  user: [
    'user',
    'username',
    'user.name',
    'user_name',
    'subjectusername',
    'targetusername',
    'accountname',
    'remote_user',
  ],
  message: ['message', 'msg', 'log', 'text', 'event', '@message', 'short_message', 'body'],
};

const meanings: ReadonlyMap<string, Meaning> = new Map(
  (Object.keys(keysOf) as Role[]).flatMap((role) =>
    keysOf[role].map((key, rank): [string, Meaning] => [key, { role, rank }]),
  ),
);
const longestKey = Math.max(...[...meanings.keys()].map((key) => key.length));

/** Null where the line is not one whole JSON object. */
export function parseJsonLine(raw: string, clock: StampClock): ParsedLine | null {
  if (raw.charCodeAt(0) !== 123) return null;
  const fields = new JsonFields(raw);
  const best: Record<Role, number> = {
    time: 99,
    severity: 99,
    host: 99,
    process: 99,
    processId: 99,
    subject: 99,
    user: 99,
    message: 99,
  };
  let at: number | null = null;
  let severity: LineSeverity | null = null;
  let message: Span | null = null;
  const line = {
    host: null as Span | null,
    process: null as Span | null,
    processId: null as Span | null,
    subject: null as Span | null,
    user: null as Span | null,
  };
  while (fields.next()) {
    if (fields.isList) continue;
    const key = fields.key(longestKey);
    const meaning = key === null ? undefined : (meanings.get(key) ?? meanings.get(key.toLowerCase()));
    if (meaning === undefined || meaning.rank >= best[meaning.role] || fields.isEmpty()) continue;
    const { role, rank } = meaning;
    const start = fields.valueStart;
    const end = fields.valueEnd;
    if (role === 'time') {
      const read = readTime(clock, raw, start);
      if (read === null) continue;
      at = read;
    } else if (role === 'severity') {
      const named = readSeverity(raw, start, end);
      if (named === null) continue;
      severity = named;
    } else if (role === 'message') {
      if (!fields.isText) continue;
      message = { start, end };
    } else {
      line[role] = { start, end };
    }
    best[role] = rank;
  }
  if (!fields.whole) return null;
  return { fits: true, at, severity, ...line, kind: null, message: message ?? { start: 0, end: raw.length } };
}

function readTime(clock: StampClock, raw: string, start: number): number | null {
  return readAnyStamp(clock, raw, start) ? clock.at : null;
}

/** A name, or pino's and bunyan's numbers (30 info, 40 warning, 50 error, 60 fatal). */
function readSeverity(raw: string, start: number, end: number): LineSeverity | null {
  const named = severityOf(raw, start, end);
  if (named !== null || end !== start + 2 || raw.charCodeAt(start + 1) !== code.zero) return named;
  switch (raw.charCodeAt(start)) {
    case 49:
    case 50:
      return 'debug';
    case 51:
      return 'info';
    case 52:
      return 'warning';
    case 53:
      return 'error';
    case 54:
      return 'fatal';
    default:
      return null;
  }
}
