/** @file A case as data: what the store keeps of it and the renderer shows, and the times that are made of it. */
import type { BundleOrigin } from './bundle.ts';
import type { AlertRow, SeverityLevel } from './alerts.ts';
import type { Instant } from './instant.ts';
import type { VerdictValue } from './verdicts.ts';
import type { KeptExplanation } from './explanations.ts';

export const caseStates = ['open', 'in_progress', 'closed'] as const;
export type CaseState = (typeof caseStates)[number];
export const caseStateNames: Record<CaseState, string> = {
  open: 'open',
  in_progress: 'in progress',
  closed: 'closed',
};

export const mostTags = 20;
export const longestTag = 40;
export const longestTask = 500;

export type CaseRow = {
  id: string;
  /** Shown as C-3. */
  number: number;
  title: string;
  state: CaseState;
  /** As what it was closed. */
  closing: VerdictValue | null;
  alertCount: number;
  /** What the analyst said, else that of the most severe alert. */
  severity: SeverityLevel | null;
  /** Said by the analyst. */
  ownSeverity: SeverityLevel | null;
  owner: string | null;
  tags: string[];
  dueAt: Instant | null;
  taskCount: number;
  openTaskCount: number;
  createdAt: Instant;
  updatedAt: Instant;
  /** Of its first alert; of a case without one, when it was made. */
  raisedAt: Instant;
  /** When somebody first looked: at an alert of it, or by making it a case. */
  viewedAt: Instant;
  /** The first verdict in force on one of its alerts. */
  verdictAt: Instant | null;
  closedAt: Instant | null;
  /** Number of the case that it is a part of now. */
  mergedInto: number | null;
};

export type CaseNote = { id: string; analyst: string; writtenAt: Instant; text: string };

export type CaseTask = {
  id: string;
  title: string;
  owner: string | null;
  dueAt: Instant | null;
  madeBy: string;
  madeAt: Instant;
  doneBy: string | null;
  doneAt: Instant | null;
};

/** A file, whole, under its hash. `name` is hostile text and never a path. */
export type Attachment = {
  id: string;
  name: string;
  /** Of the content, in hex. */
  sha256: string;
  sizeBytes: number;
  addedBy: string;
  addedAt: Instant;
};

/** A stretch of the timeline that the analyst named. */
export type CasePhase = { id: string; name: string; fromAt: Instant; toAt: Instant };

/** Another case, as it is named beside this one. */
export type CaseName = Pick<CaseRow, 'id' | 'number' | 'title' | 'state'>;

export type CaseDetail = {
  row: CaseRow;
  alerts: AlertRow[];
  notes: CaseNote[];
  /** Of language models, marked as such. */
  explanations: KeptExplanation[];
  tasks: CaseTask[];
  attachments: Attachment[];
  phases: CasePhase[];
  links: CaseName[];
  /** Cases that were merged into it. */
  parts: CaseName[];
  /** Workspaces that it, or a case that was merged into it, came from as a bundle. */
  origins: BundleOrigin[];
  auditIsIntact: boolean;
  auditCount: number;
  /** Its length and last hash: who keeps it can tell later that nothing was taken off. */
  auditHead: string;
};

/** What can be said of a case; null takes back what was said. What is left out stays. */
export type CaseChange = {
  title?: string | undefined;
  state?: CaseState | undefined;
  /** Only of a case that is closed, or is being closed. */
  closing?: VerdictValue | null | undefined;
  ownSeverity?: SeverityLevel | null | undefined;
  owner?: string | null | undefined;
  tags?: string[] | undefined;
  dueAt?: Instant | null | undefined;
};

export type TaskChange = {
  title?: string | undefined;
  isDone?: boolean | undefined;
  owner?: string | null | undefined;
  dueAt?: Instant | null | undefined;
};

/** Why an alert outside of a case may belong to it. */
export const relations = ['entity', 'signature', 'time'] as const;
export type Relation = (typeof relations)[number];
export const relationNames: Record<Relation, string> = {
  entity: 'the same entity',
  signature: 'the same kind of finding',
  time: 'close in time, on a host of the case',
};
export type Suggestion = { alert: AlertRow; relations: Relation[] };

/** From the first alert to the first look at it. */
export function acknowledgedAfterMs({ raisedAt, viewedAt }: CaseRow): number {
  return Math.max(0, viewedAt - raisedAt);
}

/** From the first alert to the closing that is in force; null while the case is open. */
export function resolvedAfterMs({ raisedAt, closedAt }: CaseRow): number | null {
  return closedAt === null ? null : Math.max(0, closedAt - raisedAt);
}

export function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
