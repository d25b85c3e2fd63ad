/** @file Where alerts go outside the app: what an output is set to, and how it fares. All are off until somebody switches one on. */
import type { Instant } from './instant.ts';
import type { SeverityLevel } from './alerts.ts';

export const outputKinds = ['webhook', 'splunk', 'syslog'] as const;
export type OutputKind = (typeof outputKinds)[number];
export const outputNames: Record<OutputKind, string> = {
  webhook: 'Webhook',
  splunk: 'Splunk HTTP Event Collector',
  syslog: 'Syslog (CEF)',
};

export const syslogTransports = ['tcp', 'tls', 'udp'] as const;
export type SyslogTransport = (typeof syslogTransports)[number];

export type OutputTarget =
  | { kind: 'webhook'; url: string }
  /** `index` null: the one of the token. */
  | { kind: 'splunk'; url: string; index: string | null }
  | { kind: 'syslog'; host: string; port: number; transport: SyslogTransport };

export type OutputSettings = {
  target: OutputTarget;
  isOn: boolean;
  /** Alerts below it stay here. */
  minSeverity: SeverityLevel;
  /** Whether the alert's line goes with it; without it nothing of the log's text does but names of hosts and users. */
  sendsLine: boolean;
};

export type Output = OutputSettings & {
  /** What signs a webhook's requests, or the collector's token: kept in the workspace, never shown again. */
  hasSecret: boolean;
  sentCount: number;
  /** Alerts that are still to go. */
  waitingCount: number;
  lastSentAt: Instant | null;
  /** Why the last try failed; null where it did not. */
  problem: string | null;
  nextTryAt: Instant | null;
};
