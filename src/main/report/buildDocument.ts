/** @file From the facts of a case to the document that is printed: sections in the order asked for, all of its text visible. */
import { caseStateNames } from '../../shared/cases.ts';
import type { ReportLayout, SectionId } from '../../shared/report.ts';
import type { CaseReport } from './caseReport.ts';
import type { Block, ReportDocument, Section } from './document.ts';
import { heading, paragraph, visibleDocument, written } from './document.ts';
import type { TimeFormat } from './format.ts';
import { counted, createTimeFormat, isTime, severityName, verdictNames } from './format.ts';
import { evidenceBlocks, timelineBlocks, verdictSection } from './sections/alerts.ts';
import type { Bounds, SectionContext } from './sections/context.ts';
import { explanationBlocks } from './sections/explanations.ts';
import { attackBlocks, observableBlocks } from './sections/knowledge.ts';
import { auditBlocks, modelBlocks, redactionBlocks, sourceBlocks } from './sections/origin.ts';
import { attachmentBlocks, courseBlocks, phaseBlocks, taskBlocks } from './sections/work.ts';
import { withWords } from './sections/words.ts';

const builders: Record<SectionId, (context: SectionContext) => Block[]> = {
  summary: (context) => [
    ...written(context.report.summary),
    paragraph(verdictSummary(context.report)),
    ...courseBlocks(context),
  ],
  findings: ({ report }) => written(report.findings),
  timeline: (context) => [...phaseBlocks(context), ...timelineBlocks(context)],
  evidence: evidenceBlocks,
  observables: observableBlocks,
  attack: attackBlocks,
  notes: (context) => [
    ...context.report.notes.flatMap(({ analyst, writtenAt, text }) => [
      heading(`${analyst}, ${context.times.full(writtenAt)}`),
      ...written(text),
    ]),
    ...taskBlocks(context),
    ...attachmentBlocks(context),
  ],
  explanations: explanationBlocks,
  verdicts: verdictSection,
  model: modelBlocks,
  sources: sourceBlocks,
  audit: auditBlocks,
};

/** "Severity critical. State open. First alert …, last alert …." */
function factsLine(report: CaseReport, times: TimeFormat): string {
  const instants = report.alerts.flatMap(({ at }) => (isTime(at) ? [at] : []));
  const parts = [
    report.severity === null ? 'No alerts' : `Severity ${severityName(report.severity)}`,
    `State ${caseStateNames[report.state]}`,
    `Workspace ${report.workspace}`,
    `Report by ${report.analyst}`,
  ];
  const [first, last] = [instants[0], instants.at(-1)];
  if (first !== undefined && last !== undefined) {
    parts.push(`First alert ${times.full(first)}, last alert ${times.full(last)}`);
  }
  return `${parts.join('. ')}.`;
}

/** When the report was made, and the zone of all its times, once. */
function madeAt({ generatedAt, zone }: CaseReport, times: TimeFormat): string {
  const at = times.full(generatedAt);
  return at.endsWith(` ${zone}`) ? at : `${at}, ${zone}`;
}

/** "3 alerts: 2 true positive, 1 without a verdict." */
function verdictSummary({ alerts }: CaseReport): string {
  const counts = new Map<string, number>();
  for (const { verdict } of alerts) {
    const name = verdict ? verdictNames[verdict.value].toLowerCase() : 'without a verdict';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].map(([name, count]) => `${count} ${name}`);
  return parts.length === 0 ? 'The case has no alerts.' : `${counted(alerts.length, 'alert')}: ${parts.join(', ')}.`;
}

/** Sections that have nothing to say are left out. Throws BAD_INPUT for a zone that does not exist. */
export function buildDocument(report: CaseReport, layout: ReportLayout, bounds: Bounds): ReportDocument {
  const times = createTimeFormat(report.zone);
  const context = { report, times, bounds };
  const laid = layout.map(({ id, title, text }): Section => {
    const own = written(text, (part) => withWords(part, report, times));
    return { id, title, blocks: [...own, ...builders[id](context)] };
  });
  // What was taken out is told in every report, whatever its template.
  const redactions: Section = {
    id: 'redactions',
    title: 'What was taken out',
    blocks: redactionBlocks(report.redactions),
  };
  return visibleDocument({
    name: `C-${report.number}`,
    label: `Case C-${report.number}`,
    title: report.title,
    madeAt: madeAt(report, times),
    facts: factsLine(report, times),
    sections: [...laid, redactions].filter(({ blocks }) => blocks.length > 0),
    footer: report.auditSentence,
  });
}
