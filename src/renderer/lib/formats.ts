/** @file Log formats and encodings by the names people know them by. */
import type { SourceFormat, TextEncoding } from '../../shared/lines.ts';

export const formatNames: Record<SourceFormat, string> = {
  syslog5424: 'syslog (RFC 5424)',
  syslog3164: 'syslog',
  combined: 'Apache or nginx access log',
  apacheError: 'Apache error log',
  nginxError: 'nginx error log',
  windows: 'Windows events',
  journald: 'systemd journal',
  auditd: 'Linux audit log',
  log4j: 'log4j or logback',
  stamped: 'timestamp and level',
  jsonl: 'JSON lines',
  bgl: 'BGL',
  plain: 'plain lines',
  sequences: 'sessions of event ids',
};

export const encodingNames: Record<TextEncoding, string> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16, big end first',
  'windows-1252': 'Windows-1252 (Latin-1)',
};
