/** @file Lists of alerts: which, in what order, in what groups, under what name. */
import type { AlertRow } from './alerts.ts';
import type { Instant } from './instant.ts';

/** The lists of alerts; `mine` are the open ones of who asks, `below` those that the threshold in force does not show, `teach` what a verdict would teach most, in an order of its own. A state that the filter names stands in place of the list's. */
export const queueTabs = ['open', 'teach', 'mine', 'decided', 'folded', 'muted', 'below', 'all'] as const;

export type QueueTab = (typeof queueTabs)[number];

export type QueueOrder = 'severity' | 'time';

/** Surprise: the mean of the stretch that ends with the event, as perplexity. Among the few alerts of an actor; it has no index. */
export type ListOrder = QueueOrder | 'surprise';

/** Alike: of a signature. Actor: an address and the agent of its requests, a user and the host. */
export const groupFields = ['signature', 'actor', 'entity', 'template', 'host', 'source'] as const;

export type GroupField = (typeof groupFields)[number];

/** Which alerts. `asOf`: none that were raised after the one of this number, so that what arrives meanwhile is not meant. */
export type AlertQuery = {
  tab: QueueTab;
  /** In the filter language. */
  filter: string;
  /** IANA zone of the times in it. */
  zone: string;
  asOf: number | null;
};

/** `mine`: open ones of who asks. */
export type AlertCounts = { open: number; mine: number; decided: number; folded: number; muted: number };

/** A list as a whole: how many, where each page ends, and how they lie in time. */
export type AlertSummary = {
  total: number;
  /** Place of the last alert of each page but the last one, in the order asked for. */
  marks: string[];
  /** The newest alert there is: `asOf` of this list from now on. */
  asOf: number;
  /**
   * Alerts by time, at [from + i × widthMs, from + (i + 1) × widthMs), and by severity from 1 to 5. Null: none has a time. `earlier`, `later`:
   * the few that are stamped so far outside that the others could not be seen.
   */
  histogram: {
    from: Instant;
    widthMs: number;
    bins: [number, number, number, number, number][];
    earlier: number;
    later: number;
  } | null;
  withoutTime: number;
};

/** Alerts that share a value. `filter` finds them, as text of the filter language. */
export type AlertGroup = {
  filter: string;
  /** Shown for the value; of a kind of line its template, of a signature the title. */
  name: string;
  count: number;
  newCount: number;
  hostCount: number;
  firstAt: Instant | null;
  lastAt: Instant | null;
  /** Alerts by hour, of the 24 hours up to `AlertGroups.until`. */
  hours: number[];
  /** The most severe of them. */
  top: AlertRow;
};

export type AlertGroups = { groups: AlertGroup[]; groupCount: number; until: Instant };

/** A list that was given a name. */
export type SavedView = {
  id: string;
  name: string;
  tab: QueueTab;
  filter: string;
  order: QueueOrder;
  group: GroupField | null;
};
