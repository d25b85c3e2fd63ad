/** @file What a case report says, as data: every format of it is written from this. Texts are as they were stored; the writers escape them. */
import { presetNames } from '../../shared/presets.ts';
import type { Vote } from '../../shared/detectors.ts';
import type {
  AlertDetail,
  CaseDetail,
  CaseNote,
  CaseState,
  HeatSpan,
  Instant,
  LogLine,
  Model,
  ReasonKind,
  SessionEvent,
  SeverityLevel,
  Threshold,
  Verdict,
  VerdictValue,
} from '../../shared/domain.ts';
import type { Entity } from '../../shared/lines.ts';
import { counted, formatBits, formatCount, formatProbabilityOfScore } from './format.ts';

export type ReportAlert = {
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
  lineNumber: number;
  at: Instant | null;
  verdict: Verdict | null;
  raw: { text: string; isCut: boolean; lengthChars: number; heat: HeatSpan[] };
  session: { title: string; events: SessionEvent[]; eventCount: number };
  before: LogLine[];
  after: LogLine[];
  modelName: string;
  thresholdVersion: number;
};

export type CaseReport = {
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
  notes: CaseNote[];
  /** In the order of the log; alerts without a time last. */
  alerts: ReportAlert[];
  /** What the model is and how good it is. */
  modelSentences: string[];
  auditSentence: string;
};

export type CaseReportInput = {
  detail: CaseDetail;
  /** Of every alert of the case. */
  alerts: AlertDetail[];
  /** The model that scored, and its threshold; null where they are gone. */
  model: Model | null;
  threshold: Threshold | null;
  workspace: string;
  analyst: string;
  generatedAt: Instant;
  zone: string;
};

function toReportAlert(detail: AlertDetail): ReportAlert {
  const { row, reasonText, raw, session, before, after, modelName, judgedBy, thresholdVersion } = detail;
  return {
    number: row.number,
    severity: row.severity,
    score: row.score,
    bits: row.bits,
    reason: row.reason,
    title: row.title,
    reasonText,
    reading: detail.reading,
    votes: detail.votes,
    perplexity: detail.perplexity,
    repeatCount: row.repeatCount,
    nearest: detail.nearest.map(({ number, value, similarity }) => ({ number, value, similarity })),
    template: row.template,
    entity: row.entity,
    host: row.host,
    sourceName: row.sourceName,
    lineNumber: row.lineNumber,
    at: row.at,
    verdict: row.verdict,
    raw,
    session: { title: session.title, events: session.events, eventCount: session.eventCount },
    before,
    after,
    modelName: judgedBy === presetNames.budget ? modelName : `${modelName} by ${judgedBy}`,
    thresholdVersion,
  };
}

function modelSentences(model: Model | null, threshold: Threshold | null): string[] {
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
  return sentences;
}

export function buildCaseReport(input: CaseReportInput): CaseReport {
  const { detail, model, threshold, workspace, analyst, generatedAt, zone } = input;
  const alerts = input.alerts.map(toReportAlert).sort((a, b) => {
    const order = (a.at ?? Infinity) - (b.at ?? Infinity);
    return Number.isNaN(order) || order === 0 ? a.number - b.number : order;
  });
  const { number, title, state, severity } = detail.row;
  const { auditIsIntact, auditCount, auditHead } = detail;
  return {
    number,
    title,
    state,
    severity,
    workspace,
    analyst,
    generatedAt,
    zone,
    notes: detail.notes,
    alerts,
    modelSentences: modelSentences(model, threshold),
    auditSentence: auditIsIntact
      ? `Audit chain intact, ${auditCount === 1 ? '1 entry' : `${formatCount(auditCount)} entries`} when the report was made. Head: ${auditHead}`
      : 'The audit chain is broken: entries were changed or removed outside Surprisal. Do not rely on who did what.',
  };
}
