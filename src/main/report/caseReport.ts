/** @file What a case report says, as data: every format of it is written from this. Texts are as they were stored; the writers escape them. */
import { presetNames } from '../../shared/presets.ts';
import type { BundleOrigin } from '../../shared/bundle.ts';
import type { Attachment, CaseDetail, CaseNote, CasePhase, CaseState, CaseTask } from '../../shared/cases.ts';
import type { Vote } from '../../shared/detectors.ts';
import type { AlertDetail, AlertRow, HeatSpan, ReasonKind, SessionEvent, SeverityLevel } from '../../shared/alerts.ts';
import type { Instant } from '../../shared/instant.ts';
import type { LogLine } from '../../shared/sources.ts';
import type { Model } from '../../shared/models.ts';
import type { Threshold } from '../../shared/thresholds.ts';
import type { Verdict, VerdictValue } from '../../shared/verdicts.ts';
import type { KeptExplanation } from '../../shared/explanations.ts';
import type { Entity, SourceFormat, TimeAssumption } from '../../shared/lines.ts';
import type { Observable } from '../../shared/observables.ts';
import type { ReportTechnique } from '../../shared/report.ts';
import { counted, formatBits, formatCount, formatProbabilityOfScore, formatShare } from './format.ts';

export type ReportAlert = {
  /** What entries of the audit name it by. */
  id: string;
  number: number;
  severity: SeverityLevel;
  /** -log10 p. */
  score: number;
  bits: number;
  reason: ReasonKind;
  title: string;
  reasonText: string;
  reading: string;
  votes: Vote[];
  perplexity: number | null;
  repeatCount: number;
  nearest: { number: number; value: VerdictValue; similarity: number }[];
  template: string;
  entity: Entity;
  host: string | null;
  sourceName: string;
  sourceId: number;
  /** Bytes before the line in its file, unpacked where it is gzip; null where the file is not there any more or is UTF-16. */
  byteOffset: number | null;
  lineNumber: number;
  at: Instant | null;
  raisedAt: Instant;
  verdict: Verdict | null;
  raw: { text: string; isCut: boolean; lengthChars: number; heat: HeatSpan[] };
  session: { title: string; events: SessionEvent[]; eventCount: number };
  before: LogLine[];
  after: LogLine[];
  modelName: string;
  thresholdVersion: number;
};

/** A log that alerts of the case are from, and whether its file is still as it was read. */
export type ReportSource = {
  id: number;
  name: string;
  format: SourceFormat;
  lineCount: number;
  sizeBytes: number;
  /** Of the bytes of the file; null where it was never read to its end, as a log that is followed. */
  sha256: string | null;
  assumption: TimeAssumption;
  importedAt: Instant;
  file: SourceFileState;
};

/**
 * `unknown`: the workspace does not know where it lay (it came by the browser, or was imported by an earlier version). `not_compared`: it is too
 * large to be read again for a report, or this is a preview. `bundled`: the evidence came with its case from another workspace.
 */
export type SourceFileState = 'same' | 'changed' | 'gone' | 'followed' | 'unknown' | 'not_compared' | 'bundled';

/** Details are JSON of the app's own: ids and numbers, no text of logs. */
export type ReportAuditEntry = {
  sequence: number;
  at: Instant;
  analyst: string;
  action: string;
  subject: string;
  details: string;
};

/** What was taken out of the report: how often, and under which name it appears, never what it was. */
export type ReportRedaction = { label: string; kind: string; count: number };

export type CaseReport = {
  /** Globally unique: ids of exported objects are made of it. */
  caseId: string;
  /** Shown as C-3. */
  number: number;
  title: string;
  state: CaseState;
  severity: SeverityLevel | null;
  workspace: string;
  /** Who made the report. */
  analyst: string;
  generatedAt: Instant;
  /** IANA zone of every time in the report. */
  zone: string;
  appVersion: string;
  /** Written by the analyst. */
  summary: string;
  findings: string;
  /** As what it was closed. */
  closing: VerdictValue | null;
  owner: string | null;
  tags: string[];
  dueAt: Instant | null;
  /** Of the first alert, the first look at it, and the closing. */
  raisedAt: Instant;
  viewedAt: Instant;
  closedAt: Instant | null;
  notes: CaseNote[];
  /** Of language models, where they were chosen for the report. */
  explanations: KeptExplanation[];
  tasks: CaseTask[];
  attachments: Attachment[];
  phases: CasePhase[];
  /** In the order of the log; alerts without a time last. */
  alerts: ReportAlert[];
  observables: Observable[];
  techniques: ReportTechnique[];
  /** Version, date and terms of the list of techniques. */
  attackNotice: string;
  sources: ReportSource[];
  /** What the model is and how good it is. */
  modelSentences: string[];
  /** Verdicts in force in the workspace. */
  labels: Record<VerdictValue, number>;
  auditSentence: string;
  /** Of the case and its alerts. */
  audit: ReportAuditEntry[];
  redactions: ReportRedaction[];
};

/** What is known without the alerts, which follow one by one. */
export type CaseReportInput = Pick<
  CaseReport,
  | 'workspace'
  | 'analyst'
  | 'generatedAt'
  | 'zone'
  | 'appVersion'
  | 'summary'
  | 'findings'
  | 'techniques'
  | 'attackNotice'
  | 'sources'
  | 'labels'
  | 'audit'
  | 'observables'
  | 'explanations'
> & {
  detail: CaseDetail;
  /** The model that scored, and its threshold; null where they are gone. */
  model: Model | null;
  threshold: Threshold | null;
  /** Whether alerts of it were judged in this workspace, and what was said of the models that judged the others. */
  isOfHere: boolean;
  judgedElsewhere: string[];
};

type Origin = Pick<ReportAlert, 'sourceId' | 'byteOffset'>;
type OfRow = Exclude<keyof ReportAlert, keyof Origin | 'raw' | keyof Explained>;
/** What the model is asked again for. */
type Explained = Pick<
  ReportAlert,
  | 'reasonText'
  | 'reading'
  | 'votes'
  | 'perplexity'
  | 'nearest'
  | 'session'
  | 'before'
  | 'after'
  | 'modelName'
  | 'thresholdVersion'
>;

function ofRow(row: AlertRow): Pick<ReportAlert, OfRow> {
  const { id, number, severity, score, bits, reason, title, repeatCount, template, entity } = row;
  const { host, sourceName, lineNumber, at, raisedAt, verdict } = row;
  return {
    ...{ id, number, severity, score, bits, reason, title, repeatCount, template, entity },
    ...{ host, sourceName, lineNumber, at, raisedAt, verdict },
  };
}

/** Explained in full. */
export function toReportAlert(detail: AlertDetail, origin: Origin): ReportAlert {
  const { row, reasonText, reading, votes, perplexity, nearest, raw, session, before, after } = detail;
  const { modelName, judgedBy, thresholdVersion } = detail;
  return {
    ...ofRow(row),
    ...origin,
    ...{ reasonText, reading, votes, perplexity, before, after, thresholdVersion },
    raw: { text: raw.text, isCut: raw.isCut, lengthChars: raw.lengthChars, heat: raw.heat },
    nearest: nearest.map(({ number, value, similarity }) => ({ number, value, similarity })),
    session: { title: session.title, events: session.events, eventCount: session.eventCount },
    modelName: judgedBy === presetNames.budget ? modelName : `${modelName} by ${judgedBy}`,
  };
}

/** What its row and its line say, without asking the model again. */
export function briefReportAlert(
  row: AlertRow,
  line: { text: string; lengthChars: number },
  origin: Origin,
): ReportAlert {
  return {
    ...ofRow(row),
    ...origin,
    raw: { ...line, isCut: line.lengthChars > line.text.length, heat: [] },
    ...{
      reasonText: '',
      reading: '',
      votes: [{ detector: row.detector, score: row.score }],
      perplexity: null,
      nearest: [],
    },
    ...{ session: { title: '', events: [], eventCount: 0 }, before: [], after: [], modelName: '', thresholdVersion: 0 },
  };
}

export function modelSentences({
  model,
  threshold,
  labels,
}: Pick<CaseReportInput, 'model' | 'threshold' | 'labels'>): string[] {
  const sentences: string[] = [];
  if (model) {
    const { lineCount, sessionCount, eventKinds, parameterCount, validationBits } = model;
    sentences.push(
      `Model m${model.number} learned from ${model.learnedFrom}: ${counted(lineCount, 'line')} in ` +
        `${counted(sessionCount, 'session')}, ${counted(eventKinds, 'kind')} of lines, ${counted(parameterCount, 'parameter')}.`,
    );
    sentences.push(
      validationBits === null
        ? 'It was not measured on lines it had not seen.'
        : `On lines it had not seen, an event surprises it by ${formatBits(validationBits)} on average.`,
    );
  }
  if (threshold) {
    const period = threshold.budget.per === 'day' ? 'a day' : 'in 100,000 events';
    sentences.push(
      `Threshold v${threshold.version} shows alerts with p at or below ${formatProbabilityOfScore(threshold.score)} ` +
        `(budget ${formatCount(threshold.budget.alerts)} alerts ${period}; ${counted(threshold.calibrationEvents, 'event')} ` +
        `in its calibration, ${counted(threshold.verdictCount, 'verdict')} taken into account).`,
    );
    sentences.push(threshold.meaning);
  }
  sentences.push(precisionSentence(labels));
  return sentences;
}

/** How often it was right so far, by the verdicts of the workspace: what is undetermined says nothing. */
function precisionSentence(labels: Record<VerdictValue, number>): string {
  const right = labels.true_positive + labels.benign_true_positive;
  const wrong = labels.false_positive_logic + labels.false_positive_data;
  if (right + wrong === 0) return 'No alert of this workspace has been decided yet, so its precision is not known.';
  return (
    `Of ${counted(right + wrong, 'decided alert')} in this workspace, ${formatCount(labels.true_positive)} were true positives, ` +
    `${formatCount(labels.benign_true_positive)} benign true positives and ${formatCount(wrong)} false positives: ` +
    `a precision of ${formatShare(right / (right + wrong))} so far (${formatShare(labels.true_positive / (right + wrong))} without the benign).`
  );
}

/** In the order of the log; alerts without a time last. */
export function inLogOrder(a: ReportAlert, b: ReportAlert): number {
  const order = (a.at ?? Infinity) - (b.at ?? Infinity);
  return Number.isNaN(order) || order === 0 ? a.number - b.number : order;
}

/** The report without its alerts. */
export function buildCaseReport(input: CaseReportInput): CaseReport {
  const { detail, model: _model, threshold: _threshold, isOfHere, judgedElsewhere, ...facts } = input;
  const { id: caseId, number, title, state, severity, closing, owner, tags, dueAt } = detail.row;
  const { raisedAt, viewedAt, closedAt } = detail.row;
  return {
    ...facts,
    ...{ caseId, number, title, state, severity, closing, owner, tags, dueAt, raisedAt, viewedAt, closedAt },
    ...{ notes: detail.notes, tasks: detail.tasks, attachments: detail.attachments, phases: detail.phases },
    alerts: [],
    modelSentences: [...(isOfHere ? modelSentences(input) : []), ...judgedElsewhere],
    auditSentence: [ownAuditSentence(detail), ...detail.origins.map(originSentence)].join(' '),
    redactions: [],
  };
}

function ownAuditSentence({ auditIsIntact, auditCount, auditHead }: CaseDetail): string {
  return auditIsIntact
    ? `Audit chain intact, ${auditCount === 1 ? '1 entry' : `${formatCount(auditCount)} entries`} when the report was made. Head: ${auditHead}`
    : 'The audit chain is broken: entries were changed or removed outside Surprisal. Do not rely on who did what.';
}

/** Where a case came from, and how far its audit there can be relied on. */
function originSentence({ workspace, caseNumber, importedBy, exportedBy, audit }: BundleOrigin): string {
  const { count, head, isIntact } = audit;
  return (
    `It came as a bundle that ${exportedBy} made of C-${caseNumber} of the workspace ${workspace}, and ${importedBy} read in; what was done there ` +
    (isIntact
      ? `comes first, by the numbers of that audit, whose chain was intact then: ${count === 1 ? '1 entry' : `${formatCount(count)} entries`}, head ${head}.`
      : 'comes first, from an audit whose chain was broken then.')
  );
}

/** Of the JSON form of a report: raised when a field changes its meaning or goes. */
export const reportFormatVersion = 1;
