/** @file An alert as an ArcSight Common Event Format record (revision 25), and that in an RFC 5424 syslog message. Log text is escaped, never structure. */
import type { SeverityLevel } from '../../shared/alerts.ts';
import type { OutgoingAlert } from './outgoing.ts';

/** The longest that the format lets `msg` and custom strings be. */
const longestMessage = 1023;
const longestName = 512;
/** CEF counts to ten. */
const cefSeverity: Record<SeverityLevel, number> = { 1: 1, 2: 3, 3: 5, 4: 8, 5: 10 };
/** RFC 5424's informational, notice, warning, error and critical, by ours. */
const syslogSeverity: Record<SeverityLevel, number> = { 1: 6, 2: 5, 3: 4, 4: 3, 5: 2 };
/** "log alert" of RFC 5424's table. */
const facility = 14;

/** Control characters would be lines or terminal commands to whoever reads the receiver's file. */
const visible = (text: string): string => text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
const ofHeader = (text: string): string =>
  visible(text)
    .slice(0, longestName)
    .replace(/[\\|]/g, (character) => `\\${character}`);
const ofValue = (text: string): string => visible(text).replace(/[\\=]/g, (character) => `\\${character}`);

export function cefRecord(alert: OutgoingAlert): string {
  const { severityLevel, entity, perplexity } = alert;
  const header = [
    'CEF:0',
    'Surprisal',
    'Surprisal',
    alert.appVersion,
    alert.detector,
    alert.title,
    cefSeverity[severityLevel],
  ];
  const values: [string, string | null][] = [
    ['externalId', alert.id],
    ['act', alert.change],
    ['rt', String(Date.parse(alert.raisedAt))],
    ['start', alert.at === null ? null : String(Date.parse(alert.at))],
    ['dhost', alert.host],
    ['suser', entity.kind === 'user' ? entity.name : null],
    ['src', entity.kind === 'address' ? entity.name : null],
    ['sproc', entity.kind === 'process' ? entity.name : null],
    ['cnt', String(alert.eventCount)],
    ['fname', alert.source],
    ['cs1Label', 'reasoning'],
    ['cs1', alert.reasoning],
    ['cs2Label', 'alert'],
    ['cs2', alert.name],
    ['cfp1Label', 'score'],
    ['cfp1', String(alert.score)],
    ['cfp2Label', 'p'],
    ['cfp2', String(alert.p)],
    ...(perplexity === null
      ? []
      : ([
          ['cfp3Label', 'perplexity'],
          ['cfp3', String(perplexity)],
        ] as [string, string][])),
    ['cn1Label', 'line'],
    ['cn1', String(alert.lineNumber)],
    ['msg', alert.line],
  ];
  const extension = values.flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${ofValue(value.slice(0, longestMessage))}`],
  );
  return `${header.map((part) => ofHeader(String(part))).join('|')}|${extension.join(' ')}`;
}

/** Without framing. The name of the host is the machine's that sends, as RFC 5424 has it; the alert's own is in the record. */
export function syslogMessage(alert: OutgoingAlert, hostName: string): string {
  const priority = facility * 8 + syslogSeverity[alert.severityLevel];
  const from = hostName.replace(/[^\x21-\x7e]/g, '').slice(0, 255) || '-';
  // The byte order mark says that the text is UTF-8.
  return `<${priority}>1 ${alert.raisedAt} ${from} surprisal - alert - \ufeff${cefRecord(alert)}`;
}
