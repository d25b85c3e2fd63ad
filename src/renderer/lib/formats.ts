/** @file Log formats by the names people know them by. */
import type { FormatId } from '../../shared/lines.ts';

export const formatNames: Record<FormatId, string> = {
  syslog3164: 'syslog',
  combined: 'Apache or nginx access log',
  stamped: 'timestamp and level',
  jsonl: 'JSON lines',
  bgl: 'BGL',
  plain: 'plain lines',
};
