/**
 * @file A case as one file for another Surprisal: what it holds, where it came from, and how it is told before and after it is read in. The file is a
 * ZIP: a manifest with the SHA-256 of each entry, the case, its alerts with their evidence, its part of the audit, and its attachments.
 */
import type { Attachment, CaseNote, CasePhase, CaseRow, CaseTask } from './cases.ts';
import type { AlertDetail, AlertRow } from './alerts.ts';
import type { Instant } from './instant.ts';
import type { VerdictValue } from './verdicts.ts';
import type { KeptExplanation } from './explanations.ts';
import type { SourceFormat, TimeAssumption } from './lines.ts';
import type { Observable } from './observables.ts';
import type { ReportTechnique, ReportTemplate, ReportText } from './report.ts';

export const bundleEnding = 'surprisal.zip';
/** Raised when an earlier app could not read it any more. */
export const bundleVersion = 1;

/** Another case, as the workspace it was in called it. */
export type OtherCase = { id: string; number: number; title: string };

/** The workspace whose audit entries are from, and the end of its chain when the bundle was made. */
export type AuditChain = { workspaceId: string; workspace: string; count: number; head: string; isIntact: boolean };

/** An entry of a chain, whose hash covers all of it and the hash before. Hashes are hex. */
export type ChainEntry = {
  sequence: number;
  at: Instant;
  analyst: string;
  action: string;
  subject: string;
  /** JSON of the app's own. */
  details: string;
  previousHash: string;
  hash: string;
};
/** `chain`: its place among the chains of the manifest. */
export type BundleAuditEntry = ChainEntry & { chain: number };

export type BundleSource = {
  id: number;
  name: string;
  format: SourceFormat;
  lineCount: number;
  sizeBytes: number;
  sha256: string | null;
  assumption: TimeAssumption;
  importedAt: Instant;
};

export type BundleModel = {
  id: string;
  number: number;
  name: string | null;
  createdAt: Instant;
  learnedFrom: string;
  lineCount: number;
  eventKinds: number;
  parameterCount: number;
  validationBits: number | null;
  files: { name: string; sizeBytes: number; sha256: string }[];
};

export type BundleThreshold = {
  version: number;
  modelId: string;
  /** -log10 p. */
  score: number;
  meaning: string;
  createdAt: Instant;
};

/** What only the workspace knew whose logs and models these were. */
export type BundleFacts = {
  sources: BundleSource[];
  models: BundleModel[];
  thresholds: BundleThreshold[];
  /** What the model is and how good it is, in words. */
  modelSentences: string[];
  /** Verdicts in force in that workspace. */
  labels: Record<VerdictValue, number>;
  observables: Observable[];
  techniques: ReportTechnique[];
  links: OtherCase[];
  parts: OtherCase[];
};

/** An attachment whose content was gone or changed when the bundle was made comes without it. */
export type BundleAttachment = Attachment & { isMissing: boolean };

type CaseFields = Pick<
  CaseRow,
  | 'id'
  | 'title'
  | 'state'
  | 'closing'
  | 'ownSeverity'
  | 'owner'
  | 'tags'
  | 'dueAt'
  | 'createdAt'
  | 'updatedAt'
  | 'closedAt'
  | 'raisedAt'
  | 'viewedAt'
  | 'verdictAt'
>;

/** `case.json`. */
export type BundleCase = CaseFields & {
  text: ReportText;
  templates: ReportTemplate[];
  notes: CaseNote[];
  /** What was kept with the case of a language model's words. */
  explanations: KeptExplanation[];
  tasks: CaseTask[];
  phases: CasePhase[];
  attachments: BundleAttachment[];
  /** Ids of alerts that were suggested and refused. */
  refusedAlerts: string[];
  facts: BundleFacts;
};

/** A line of `alerts.jsonl`. What is of a list, or of where it is read in, is not in it. */
export type BundleAlert = {
  detail: Omit<AlertDetail, 'row'> & { row: Omit<AlertRow, 'asked' | 'isBundled'> };
  /** Of a source of the case's facts. */
  sourceId: number;
  byteOffset: number | null;
  /** The whole line, where the detail has it cut. */
  wholeLine: string | null;
  /** Other lines that surprised with it: what they name is observed in it, too. */
  culprits: string[];
};

/** Where a case came from, or came through. */
export type BundleOrigin = {
  caseNumber: number;
  workspace: string;
  workspaceId: string;
  exportedBy: string;
  exportedAt: Instant;
  /** Of the file. */
  manifestSha256: string;
  importedBy: string;
  importedAt: Instant;
  /** The chain of the workspace it came from last, for a report. */
  audit: AuditChain;
};

export type BundleSummary = {
  caseId: string;
  /** As the workspace it was exported from shows it: C-3. */
  caseNumber: number;
  title: string;
  workspace: string;
  exportedBy: string;
  exportedAt: Instant;
  appVersion: string;
  sizeBytes: number;
  manifestSha256: string;
  alerts: number;
  notes: number;
  tasks: number;
  attachments: number;
  attachmentBytes: number;
  /** Attachments that came without their content. */
  missingAttachments: number;
  auditEntries: number;
  chains: AuditChain[];
  models: string[];
};

/** What is to be known before it is read in. `known`: the case is here already. */
export type BundlePreview = BundleSummary & { known: { id: string; number: number; title: string } | null };

/** What an export hands out. */
export type BundleFile = {
  fileName: string;
  mediaType: string;
  sizeBytes: number;
  base64: string | null;
  savedAs: string | null;
  /** Names of attachments that go without their content. */
  missing: string[];
  /** Of the list of everything in it with its hash. Nothing signs a bundle: two people who compare this know that they have the same one. */
  manifestSha256: string;
};

/** An alert that came with a bundle, with the log its line was read from. */
export type BundledAlert = BundleAlert & { source: BundleSource | null; origin: BundleOrigin };
