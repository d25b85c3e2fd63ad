/** @file From the facts of a span of time to the document that is printed: what is left to the next first, then what was read, found, decided and learned. */
import { isShift } from '../../../shared/period.ts';
import type { ReportDocument, Section } from '../document.ts';
import { visibleDocument } from '../document.ts';
import { createTimeFormat, formatCount } from '../format.ts';
import { redactionBlocks } from '../sections/origin.ts';
import { decidedBlocks, doneBlocks } from './decided.ts';
import { budgetBlocks, detectionBlocks, modelBlocks, thresholdBlocks } from './learned.ts';
import { noteBlocks, openBlocks } from './left.ts';
import { readBlocks, stoodOutBlocks } from './observed.ts';
import { durationText, type PeriodContext } from './periodContext.ts';
import type { PeriodReport } from './periodReport.ts';

const sections: { id: string; title: string; build: (context: PeriodContext) => Section['blocks'] }[] = [
  { id: 'notes', title: 'Left to the next', build: noteBlocks },
  { id: 'open', title: 'Open', build: openBlocks },
  { id: 'stood-out', title: 'What stood out', build: stoodOutBlocks },
  { id: 'decided', title: 'Who decided what', build: decidedBlocks },
  { id: 'read', title: 'What was read', build: readBlocks },
  { id: 'budget', title: 'Budget against alerts', build: budgetBlocks },
  { id: 'detection', title: 'Detection rate', build: detectionBlocks },
  { id: 'threshold', title: 'Threshold', build: thresholdBlocks },
  { id: 'models', title: 'Models', build: modelBlocks },
  { id: 'done', title: 'Audit', build: doneBlocks },
  { id: 'redactions', title: 'What was taken out', build: ({ report }) => redactionBlocks(report.redactions) },
];

/** `mostRows`: of each table. Throws BAD_INPUT for a zone that does not exist. */
export function buildPeriodDocument(report: PeriodReport, mostRows: number): ReportDocument {
  const times = createTimeFormat(report.zone);
  const context = { report, times, mostRows };
  const { from, to, generatedAt, zone, workspace, analyst } = report;
  const made = times.full(generatedAt);
  const open = report.openByAge.reduce((sum, row) => sum + Object.values(row.bySeverity).reduce((a, b) => a + b, 0), 0);
  const name = isShift(report) ? 'Hand-over' : 'Periodic report';
  return visibleDocument({
    name,
    label: name,
    title: `${times.full(from)} to ${times.full(to)}`,
    madeAt: made.endsWith(` ${zone}`) ? made : `${made}, ${zone}`,
    facts:
      `${durationText(to - from)}. Workspace ${workspace}. Report by ${analyst}. ${formatCount(report.decisionCount)} verdicts given, ` +
      `${formatCount(open)} alerts, ${formatCount(report.openCases.length)} cases and ${formatCount(report.openTaskCount)} tasks open. ` +
      'The span is by the clock of this computer; where a time is of the log, it says so.',
    sections: sections
      .map(({ id, title, build }) => ({ id, title, blocks: build(context) }))
      .filter(({ blocks }) => blocks.length > 0),
    footer: report.auditSentence,
  });
}
