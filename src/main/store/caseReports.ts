/** @file What a report of a case needs beside its alerts: the analyst's text, the logs the alerts are from, the audit of the case, what was decided so far. */
import { createHash } from 'node:crypto';
import type { VerdictValue } from '../../shared/verdicts.ts';
import { verdictValues } from '../../shared/verdicts.ts';
import { emptyReportText } from '../../shared/report.ts';
import type { Audit } from './audit.ts';
import { familyOf, type CaseRows } from './caseRows.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

type TextRow = { summary: string; findings: string; techniques: string };
type SourceRow = Omit<Output<'get_case_facts'>['sources'][number], 'assumption'> & {
  year: number | null;
  zone: string | null;
};

/** Entries of the audit that a report has at most, the newest. */
const mostEntries = 10_000;

/** What was written for a case before it was merged stands behind the rest, under its name. */
function joined(
  text: Output<'get_report_text'>,
  { number, title, ...part }: TextRow & { number: number; title: string },
): Output<'get_report_text'> {
  const behind = (own: string, more: string): string =>
    more === ''
      ? own
      : [own, `From C-${number}, ${title}, which was merged into this case:\n\n${more}`].filter(Boolean).join('\n\n');
  const techniques = [...text.techniques, ...(JSON.parse(part.techniques) as string[])];
  return {
    summary: behind(text.summary, part.summary),
    findings: behind(text.findings, part.findings),
    techniques: [...new Set(techniques)],
  };
}

export type CaseReports = ReturnType<typeof prepareCaseReports>;

export function prepareCaseReports(db: Connection, parts: { audit: Audit; cases: CaseRows }) {
  const { audit, cases } = parts;
  const text = db.prepare<[number], TextRow>(
    'SELECT summary, findings, techniques FROM case_report WHERE case_number = ?',
  );
  const upsert = db.prepare<[number, string, string, string]>(
    `INSERT INTO case_report (case_number, summary, findings, techniques) VALUES (?, ?, ?, ?)
     ON CONFLICT (case_number) DO UPDATE
     SET summary = excluded.summary, findings = excluded.findings, techniques = excluded.techniques`,
  );
  const sources = db.prepare<[number], SourceRow>(
    `SELECT source.id, source.name, source.format, source.size_bytes AS sizeBytes, source.line_count AS lineCount, source.sha256,
       source.assumption_year AS year, source.assumption_zone AS zone, source.imported_at AS importedAt, source.file_path AS path,
       EXISTS (SELECT 1 FROM follow WHERE follow.source_id = source.id) AS isFollowed
     FROM source WHERE id IN (
       SELECT alert.source_id FROM case_alert CROSS JOIN alert ON alert.number = case_alert.alert_number
       WHERE case_alert.case_number IN ${familyOf('?')})
     ORDER BY id`,
  );
  const entries = db.prepare<{ number: number }, Output<'get_case_facts'>['audit'][number]>(
    `SELECT sequence, at, analyst, action, subject, details FROM audit
     WHERE subject IN (SELECT id FROM case_file WHERE root = @number UNION ALL
       SELECT alert.id FROM case_alert CROSS JOIN alert ON alert.number = case_alert.alert_number
       WHERE case_alert.case_number IN ${familyOf('@number')})
     ORDER BY sequence DESC LIMIT ${mostEntries}`,
  );
  const labels = db.prepare<[], { value: VerdictValue; count: number }>(
    `SELECT verdict.value, count(*) AS count FROM alert CROSS JOIN verdict ON verdict.number = alert.decided_by
     WHERE alert.decided_by IS NOT NULL GROUP BY verdict.value`,
  );
  const mergedTexts = db.prepare<[number, number], TextRow & { number: number; title: string }>(
    `SELECT case_file.number, case_file.title, summary, findings, techniques
     FROM case_file CROSS JOIN case_report ON case_report.case_number = case_file.number
     WHERE case_file.root = ? AND case_file.number <> ? ORDER BY case_file.number`,
  );
  const textOf = (number: number): Output<'get_report_text'> => {
    const row = text.get(number);
    return row ? { ...row, techniques: JSON.parse(row.techniques) as string[] } : emptyReportText;
  };

  return {
    text: ({ caseId }: Input<'get_report_text'>): Output<'get_report_text'> => textOf(cases.get(caseId).number),
    /** One entry of the audit, with hashes of the texts and not the texts. */
    write: ({ caseId, text: given, actor }: Input<'set_report_text'>): undefined => {
      inTransaction(db, () => {
        const { number } = cases.get(caseId);
        const { summary, findings, techniques } = given;
        upsert.run(number, summary.toWellFormed(), findings.toWellFormed(), JSON.stringify(techniques));
        const details = {
          summary: createHash('sha256').update(summary).digest('hex').slice(0, 16),
          findings: createHash('sha256').update(findings).digest('hex').slice(0, 16),
          techniques,
        };
        audit.append({ action: 'case.report_written', subject: caseId, details, actor });
      });
    },
    facts: ({ caseId }: Input<'get_case_facts'>): Output<'get_case_facts'> => {
      const { number } = cases.get(caseId);
      const counts = Object.fromEntries(verdictValues.map((value) => [value, 0])) as Record<VerdictValue, number>;
      for (const { value, count } of labels.all()) counts[value] = count;
      return {
        text: mergedTexts.all(number, number).reduce(joined, textOf(number)),
        sources: sources.all(number).map(({ year, zone, isFollowed, ...source }) => ({
          ...source,
          isFollowed: Boolean(isFollowed),
          assumption: { year, zone },
        })),
        audit: entries.all({ number }).reverse(),
        labels: counts,
      };
    },
  };
}
