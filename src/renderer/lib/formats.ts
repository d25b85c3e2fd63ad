/** @file Log formats by the names people know them by. */
import type { SourceFormat } from '../../shared/lines.ts';

export const formatNames: Record<SourceFormat, string> = {
  syslog3164: 'syslog',
  combined: 'Apache or nginx access log',
  stamped: 'timestamp and level',
  jsonl: 'JSON lines',
  bgl: 'BGL',
  plain: 'plain lines',
  sequences: 'sessions of event ids',
};
