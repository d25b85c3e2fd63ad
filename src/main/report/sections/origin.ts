/** @file Where a report comes from: the model, the files that were read, who did what, what was taken out. */
import type { CaseReport, ReportRedaction, ReportSource, SourceFileState } from '../caseReport.ts';
import type { Block } from '../document.ts';
import { paragraph } from '../document.ts';
import { actionText, counted, formatCount } from '../format.ts';
import type { SectionContext } from './context.ts';

const fileStates: Record<SourceFileState, string> = {
  same: 'still there, with these bytes',
  changed: 'another now: the evidence is what was read then',
  gone: 'gone: the evidence is what was read then',
  followed: 'followed as it grows, no hash of the whole',
  unknown: 'place not known',
  not_compared: 'not compared here',
  bundled: 'read in another workspace',
};

export function fileText(source: ReportSource): string {
  return fileStates[source.file];
}

export function assumptionText({ assumption: { year, zone } }: ReportSource): string {
  const parts = [year === null ? '' : `year ${year}`, zone === null ? '' : `zone ${zone}`].filter(
    (part) => part !== '',
  );
  return parts.length === 0 ? 'none' : parts.join(', ');
}

export function modelBlocks({ report }: SectionContext): Block[] {
  return report.modelSentences.map((sentence) => paragraph(sentence));
}

export function sourceBlocks({ report: { sources }, times }: SectionContext): Block[] {
  if (sources.length === 0) return [];
  const lost = sources.filter(({ file }) => file === 'gone' || file === 'changed');
  return [
    ...(lost.length > 0
      ? [
          paragraph(
            `${counted(lost.length, 'file')} of the evidence can no longer be compared with what was read: ${lost.map(({ name }) => name).join(', ')}. ` +
              'The lines in this report are those that were read.',
          ),
        ]
      : []),
    {
      kind: 'table',
      columns: [
        { title: 'Log', share: 2.2 },
        { title: 'Read', isTime: true, share: 2.4 },
        { title: 'Lines', isNumber: true, share: 1.2 },
        { title: 'SHA-256 of the file', share: 4 },
        { title: 'Times assumed', share: 1.8 },
        { title: 'File now', share: 2.2 },
      ],
      rows: sources.map((source) => ({
        cells: [
          [{ text: source.name, look: 'name' }],
          [{ text: times.full(source.importedAt) }],
          [{ text: formatCount(source.lineCount) }],
          [{ text: source.sha256 ?? 'none', look: 'log' }],
          [{ text: assumptionText(source) }],
          [{ text: fileText(source) }],
        ],
      })),
    },
  ];
}

/** The app's own JSON without its signs: `value true_positive, folded 0`. What came with a bundle may be any text, and stays it. */
function detailsText(details: string): string {
  let fields: unknown;
  try {
    fields = JSON.parse(details);
  } catch {
    return details;
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return details;
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

/** What entries of the audit are about, by its id. */
function subjectNames({ caseId, number, alerts }: CaseReport): Map<string, string> {
  return new Map([[caseId, `C-${number}`], ...alerts.map(({ id, number: own }) => [id, `A-${own}`] as const)]);
}

export function auditBlocks({ report, times, bounds }: SectionContext): Block[] {
  const { audit } = report;
  const names = subjectNames(report);
  const shown = audit.slice(-bounds.rows);
  if (shown.length === 0) return [];
  const part = `The last ${formatCount(shown.length)} of ${formatCount(audit.length)} entries.`;
  return [
    ...(shown.length < audit.length ? [paragraph(part, { isQuiet: true })] : []),
    {
      kind: 'table',
      columns: [
        { title: 'Entry', isNumber: true, share: 1 },
        { title: 'Time', isTime: true, share: 2.8 },
        { title: 'Who', share: 2 },
        { title: 'Of', share: 1 },
        { title: 'What', share: 2.6 },
        { title: 'Details', share: 5 },
      ],
      rows: shown.map((entry) => ({
        cells: [
          [{ text: String(entry.sequence) }],
          [{ text: times.full(entry.at) }],
          [{ text: entry.analyst, look: 'name' }],
          [{ text: names.get(entry.subject) ?? '' }],
          [{ text: actionText(entry.action) }],
          [{ text: detailsText(entry.details), look: 'log' }],
        ],
      })),
    },
  ];
}

export function redactionBlocks(redactions: readonly ReportRedaction[]): Block[] {
  if (redactions.length === 0) return [];
  return [
    paragraph('Taken out before this was written, and replaced by the words on the left:'),
    {
      kind: 'table',
      columns: [
        { title: 'Stands there instead', share: 4 },
        { title: 'Of kind', share: 3 },
        { title: 'Times', isNumber: true, share: 1 },
      ],
      rows: redactions.map(({ label, kind, count }) => ({
        cells: [[{ text: label, look: 'log' }], [{ text: kind }], [{ text: formatCount(count) }]],
      })),
    },
  ];
}
