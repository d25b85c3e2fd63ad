/** @file One alert of a report in full: the line with its surprise, its session, the lines around, the verdict. */
import type { LogLine, SessionEvent } from '../../shared/domain.ts';
import type { ReportAlert } from './caseReport.ts';
import type { TimeFormat } from './format.ts';
import { detectorNames } from '../../shared/detectors.ts';
import {
  counted,
  formatBits,
  formatProbabilityOfScore,
  formatCount,
  formatOdds,
  formatShare,
  severityName,
  verdictNames,
} from './format.ts';
import { heatClass, heatedLine } from './heat.ts';
import type { Content, Markup } from './markup.ts';
import { markup } from './markup.ts';
import { visibleLines } from './visible.ts';

/** Lines of what an analyst wrote, as paragraphs. */
export function paragraphs(text: string): Markup[] {
  return visibleLines(text).map((line) => markup`<p>${line}</p>`);
}

function sessionRow(event: SessionEvent, times: TimeFormat): Markup {
  const { expected, isCulprit } = event;
  const alternatives: Content[] = expected.map(
    (other, index) =>
      markup`${index > 0 ? '; ' : ''}<span class="log">${other.text}</span>, ${formatShare(other.probability)}`,
  );
  return markup`
    <tr class="${isCulprit ? 'culprit' : 'other'}">
      <td class="number">${event.lineNumber === null ? null : formatCount(event.lineNumber)}</td>
      <td>${event.eventId === null ? null : times.full(event.at)}</td>
      <td class="log">${event.text}</td>
      <td class="number"><mark class="${heatClass(event.bits)}">${formatBits(event.bits)}</mark></td>
      <td class="name">${alternatives}</td>
    </tr>`;
}

function sessionTable({ session }: ReportAlert, times: TimeFormat): Markup | null {
  if (session.events.length === 0) return null;
  const shown = session.events.filter(({ eventId }) => eventId !== null).length;
  const part = shown < session.eventCount ? ` Shown here: ${formatCount(shown)} of them.` : '';
  return markup`
    <p class="support">${session.title}, ${counted(session.eventCount, 'event')}.${part}</p>
    <table>
      <thead><tr><th class="number">Line</th><th>Time</th><th>Event</th><th class="number">Surprise</th><th>Expected instead</th></tr></thead>
      <tbody>${session.events.map((event) => sessionRow(event, times))}</tbody>
    </table>`;
}

function around(alert: ReportAlert): Markup | null {
  const { before, after, raw, lineNumber } = alert;
  if (before.length === 0 && after.length === 0) return null;
  const row = (line: LogLine): Markup =>
    markup`${formatCount(line.lineNumber)}  ${line.raw}${line.isCut ? ' …' : ''}\n`;
  return markup`
    <p class="support">Lines around</p>
    <pre class="log around">${before.map(row)}<b>${formatCount(lineNumber)}  ${raw.text}${raw.isCut ? ' …' : ''}</b>\n${after.map(row)}</pre>`;
}

export function verdictLines(alert: ReportAlert, times: TimeFormat): Markup {
  const { verdict } = alert;
  if (!verdict) return markup`<p>No verdict yet.</p>`;
  const { value, analyst, givenAt, note } = verdict;
  return markup`
    <p><b class="vd-${value}">${verdictNames[value]}</b>, ${analyst}, ${times.full(givenAt)}</p>${note === '' ? null : paragraphs(note)}`;
}

function votesLine({ votes, nearest, repeatCount, perplexity }: ReportAlert): Markup {
  const voted = votes.map(({ detector, score }) => `${detectorNames[detector]} ${formatProbabilityOfScore(score)}`);
  const alike = nearest.map(
    ({ number, value, similarity }) => `A-${number} ${verdictNames[value]} (${formatShare(similarity)} alike)`,
  );
  const parts = [
    voted.length > 0 ? `Detectors, by their own p: ${voted.join('; ')}.` : '',
    perplexity === null
      ? ''
      : `Perplexity ${perplexity < 100 ? perplexity.toFixed(1) : formatCount(Math.round(perplexity))}.`,
    repeatCount > 0 ? `The same again within the cooldown: ${counted(repeatCount, 'more alert')}.` : '',
    alike.length > 0 ? `Nearest decided: ${alike.join('; ')}.` : '',
  ];
  return markup`<p class="support">${parts.filter((part) => part !== '').join(' ')}</p>`;
}

export function alertSection(alert: ReportAlert, times: TimeFormat): Markup {
  const { number, severity, title, raw, bits, score } = alert;
  const expected = alert.session.events.find(({ isCulprit }) => isCulprit)?.expected ?? [];
  const instead: Content[] = expected.map(
    (other, index) =>
      markup`${index > 0 ? '; ' : ' Expected instead: '}<span class="log">${other.text}</span>, ${formatShare(other.probability)}`,
  );
  const cut = raw.isCut
    ? markup`<p class="support">The line has ${formatCount(raw.lengthChars)} characters; its start is shown.</p>`
    : null;
  return markup`
    <article class="alert">
      <h3><span class="sev-${severity}">${severity} ${severityName(severity)}</span> A-${number} ${title}</h3>
      <p>${alert.reading} ${alert.reasonText}</p>
      ${votesLine(alert)}
      <pre class="log">${heatedLine(raw.text, raw.heat)}</pre>${cut}
      <p class="support">${formatBits(bits)} (${formatOdds(bits)}), -log10 p ${score.toFixed(2)}.${instead}${expected.length > 0 ? '.' : null}</p>
      <p class="support"><bdi>${alert.sourceName}</bdi>, line ${formatCount(alert.lineNumber)}, ${times.full(alert.at)}. ${alert.entity.kind} <bdi>${alert.entity.text}</bdi>${alert.host === null ? null : markup`, host <bdi>${alert.host}</bdi>`}. Kind of line: <span class="log">${alert.template}</span>. Scored by ${alert.modelName}, threshold v${alert.thresholdVersion}.</p>
      ${sessionTable(alert, times)}${around(alert)}
    </article>`;
}
