/** @file A case report as one HTML file that needs nothing else: no script, no request, prints as it looks. */
import type { CaseReport, ReportAlert } from './caseReport.ts';
import type { TimeFormat } from './format.ts';
import { counted, createTimeFormat, isTime, severityName, verdictNames } from './format.ts';
import { alertSection, paragraphs, verdictLines } from './htmlAlert.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import { styles } from './styles.ts';
import { timeline } from './timeline.ts';

/** "Severity critical. State open. First event …, last event …." */
function summaryLine(report: CaseReport, times: TimeFormat): string {
  const instants = report.alerts.flatMap(({ at }) => (isTime(at) ? [at] : []));
  const parts = [
    report.severity === null ? 'No alerts' : `Severity ${severityName(report.severity)}`,
    `State ${report.state}`,
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
function verdictSummary(alerts: readonly ReportAlert[]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of alerts) {
    const name = verdict ? verdictNames[verdict.value].toLowerCase() : 'without a verdict';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].map(([name, count]) => `${count} ${name}`);
  return parts.length === 0 ? 'The case has no alerts.' : `${counted(alerts.length, 'alert')}: ${parts.join(', ')}.`;
}

function alertRow(alert: ReportAlert, times: TimeFormat): Markup {
  const { severity, verdict } = alert;
  return markup`
    <tr>
      <td class="short">A-${alert.number}</td>
      <td class="short sev-${severity}">${severity} ${severityName(severity)}</td>
      <td>${times.full(alert.at)}</td>
      <td>${alert.title}</td>
      <td class="name"><bdi>${alert.entity.text}</bdi></td>
      <td class="name"><bdi>${alert.host}</bdi></td>
      <td>${verdict ? markup`<span class="vd-${verdict.value}">${verdictNames[verdict.value]}</span>` : 'open'}</td>
    </tr>`;
}

function section(title: string, content: Markup | readonly Markup[]): Markup {
  return markup`
    <section>
      <h2>${title}</h2>${content}
    </section>`;
}

function alertSections({ alerts }: CaseReport, times: TimeFormat): Markup[] {
  if (alerts.length === 0) return [];
  const picture = timeline(alerts, times);
  const table = markup`
    <table>
      <thead><tr><th>Alert</th><th>Severity</th><th>Time</th><th>What</th><th>Who</th><th>Host</th><th>Verdict</th></tr></thead>
      <tbody>${alerts.map((alert) => alertRow(alert, times))}</tbody>
    </table>`;
  return [
    section('Timeline', picture ? [picture, table] : table),
    section(
      'What stood out',
      alerts.map((alert) => alertSection(alert, times)),
    ),
  ];
}

function noteSection({ notes }: CaseReport, times: TimeFormat): Markup | null {
  if (notes.length === 0) return null;
  return section(
    'Notes',
    notes.map(
      ({ analyst, writtenAt, text }) =>
        markup`<p class="support">${analyst}, ${times.full(writtenAt)}</p>${paragraphs(text)}`,
    ),
  );
}

function verdictSection({ alerts }: CaseReport, times: TimeFormat): Markup | null {
  const decided = alerts.filter(({ verdict }) => verdict !== null);
  if (decided.length === 0) return null;
  return section(
    'Verdicts',
    decided.map((alert) => markup`<h3>A-${alert.number} ${alert.title}</h3>${verdictLines(alert, times)}`),
  );
}

/** The whole file. The same report gives the same bytes. Throws BAD_INPUT for a zone that does not exist. */
export function renderHtml(report: CaseReport): string {
  const times = createTimeFormat(report.zone);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>C-${report.number} ${report.title}</title>
<style>${styles}</style>
</head>
<body>
<main>
  <header>
    <p class="top"><span>Case C-${report.number}</span><span>${madeAt(report, times)}</span></p>
    <h1>${report.title}</h1>
    <p>${summaryLine(report, times)}</p>
  </header>
  ${section('Summary', markup`<p>${verdictSummary(report.alerts)}</p>`)}
  ${alertSections(report, times)}
  ${noteSection(report, times)}
  ${verdictSection(report, times)}
  ${section(
    'What the model thought, and how good it is',
    report.modelSentences.map((sentence) => markup`<p>${sentence}</p>`),
  )}
  <footer><p>${report.auditSentence}</p></footer>
</main>
</body>
</html>
`;
  return page.toString();
}
