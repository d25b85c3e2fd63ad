/** @file What is done to alerts, one or many at once, and can be taken back. */
import type { AlertCounts, AlertQuery } from './alertLists.ts';
import type { Instant } from './instant.ts';

/** What an action is done to. `except`: ids that were taken out of what the query finds. */
export type AlertSelection = { kind: 'ids'; ids: string[] } | { kind: 'query'; query: AlertQuery; except: string[] };

/** What hides alerts for a while, and how many now. */
export type Mute = {
  id: string;
  /** Shown as U-3. */
  number: number;
  filter: string;
  reason: string;
  analyst: string;
  mutedAt: Instant;
  expiresAt: Instant | null;
  state: 'in_force' | 'lifted' | 'expired';
  hides: number;
};

/** What was done to alerts at once, or taken back. `alertId`: one to look at; null where none of them is there any more. */
export type ActionOutcome = {
  kind: ActionKind;
  alertCount: number;
  alertId: string | null;
  counts: AlertCounts;
  text: string;
};

export const actionKinds = [
  'verdict',
  'assign',
  'mute',
  'unmute',
  'case',
  'case_out',
  'case_move',
  'case_merge',
  'answer',
  'forget',
] as const;

export type ActionKind = (typeof actionKinds)[number];
