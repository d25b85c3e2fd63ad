/** @file What the text of a section may name: `{case}`, `{alerts}` and the like. Anything else in braces stays as it is. */
import { reportWords, type ReportWord } from '../../../shared/report.ts';
import type { CaseReport } from '../caseReport.ts';
import type { TimeFormat } from '../format.ts';
import { formatCount, severityName } from '../format.ts';

const named = new RegExp(`\\{(${reportWords.join('|')})\\}`, 'g');

export function withWords(text: string, report: CaseReport, times: TimeFormat): string {
  const values: Record<ReportWord, () => string> = {
    case: () => `C-${report.number}`,
    title: () => report.title,
    state: () => report.state,
    severity: () => (report.severity === null ? 'none' : severityName(report.severity)),
    alerts: () => formatCount(report.alerts.length),
    workspace: () => report.workspace,
    analyst: () => report.analyst,
    made: () => times.full(report.generatedAt),
  };
  return text.replace(named, (_whole, word: ReportWord) => values[word]());
}
