/** @file A report as a MISP event (core format): observables as attributes, lines as text, chosen techniques as tags. Ids follow from the content. */
import type { Observable, ObservableKind } from '../../../shared/observables.ts';
import type { CaseReport } from '../caseReport.ts';
import { isTime, severityName, verdictNames } from '../format.ts';
import { ourNamespace, uuidOf } from './ids.ts';
import { asciiJson } from './json.ts';

type Attribute = {
  uuid: string;
  type: string;
  category: string;
  value: string;
  to_ids: boolean;
  comment: string;
  timestamp: string;
  distribution: string;
  disable_correlation: boolean;
  deleted: boolean;
  first_seen?: string;
  last_seen?: string;
};

/** MISP keeps no longer value of a short text, and a comment of 65,535 characters. */
const mostValueChars = 60_000;
/** The organisation only: whoever imports it decides whom to share it with. */
const distribution = '0';

const types: Record<Exclude<ObservableKind, 'hash'>, { type: string; category: string }> = {
  address: { type: 'ip-src', category: 'Network activity' },
  domain: { type: 'domain', category: 'Network activity' },
  url: { type: 'url', category: 'Network activity' },
  email: { type: 'email', category: 'Network activity' },
  user: { type: 'target-user', category: 'Targeting data' },
  host: { type: 'target-machine', category: 'Targeting data' },
  file: { type: 'filename', category: 'Artifacts dropped' },
  process: { type: 'text', category: 'Other' },
  command: { type: 'text', category: 'Other' },
};
const hashTypes: Record<number, string> = { 32: 'md5', 40: 'sha1', 64: 'sha256', 96: 'sha384', 128: 'sha512' };

function typeOf({ kind, text }: Observable): { type: string; category: string } | null {
  if (kind !== 'hash') return types[kind];
  const type = hashTypes[text.length];
  return type === undefined ? null : { type, category: 'Artifacts dropped' };
}

/** Worth looking for elsewhere: outside of the network, and on a line that was judged a true positive. */
function isToBeFound({ kind, isInside, alerts }: Observable, confirmed: ReadonlySet<number>): boolean {
  const isFindable =
    kind === 'domain' || kind === 'url' || kind === 'hash' || (kind === 'address' && isInside === false);
  return isFindable && alerts.some((number) => confirmed.has(number));
}

/** MISP's levels go from 1, high, to 4, undefined. */
function threatLevel({ severity }: CaseReport): string {
  if (severity === null) return '4';
  return severity >= 4 ? '1' : severity === 3 ? '2' : '3';
}

export function mispEvent(report: CaseReport): { Event: Record<string, unknown> } {
  const made = new Date(isTime(report.generatedAt) ? report.generatedAt : 0);
  const seconds = String(Math.floor(made.getTime() / 1000));
  const id = (name: string): string => uuidOf(ourNamespace, `misp ${report.caseId} ${name}`);
  const seen = (at: number | null): string | null => (isTime(at) ? new Date(at).toISOString() : null);
  const attribute = (
    name: string,
    facts: Omit<Attribute, 'uuid' | 'timestamp' | 'distribution' | 'deleted'>,
  ): Attribute => ({
    ...{ uuid: id(name), timestamp: seconds, distribution, deleted: false },
    ...facts,
    value: facts.value.toWellFormed().slice(0, mostValueChars),
    comment: facts.comment.toWellFormed().slice(0, mostValueChars),
  });
  const confirmed = new Set(
    report.alerts.flatMap(({ number, verdict }) => (verdict?.value === 'true_positive' ? [number] : [])),
  );

  const observables = report.observables.flatMap((observable) => {
    const type = typeOf(observable);
    if (type === null) return [];
    const [first, last] = [seen(observable.firstAt), seen(observable.lastAt)];
    const names = observable.alerts.slice(0, 20).map((number) => `A-${number}`);
    return [
      attribute(observable.key, {
        ...type,
        value: observable.text,
        to_ids: isToBeFound(observable, confirmed),
        disable_correlation: observable.isInside === true,
        comment: `${observable.kind}, on the lines of ${names.join(', ')}${observable.alerts.length > names.length ? ' and more' : ''}`,
        ...(first === null || last === null ? {} : { first_seen: first, last_seen: last }),
      }),
    ];
  });
  const lines = report.alerts.flatMap((alert) => {
    const { number, raw, severity, title, verdict, sourceName, lineNumber } = alert;
    if (raw.text === '') return [];
    const at = seen(alert.at);
    const judged = verdict ? verdictNames[verdict.value] : 'no verdict';
    return [
      attribute(`line ${number}`, {
        ...{ type: 'text', category: 'Other', value: raw.text, to_ids: false, disable_correlation: true },
        comment: `A-${number}, ${severityName(severity)}, ${judged}: ${title} (${sourceName}, line ${lineNumber})`,
        ...(at === null ? {} : { first_seen: at, last_seen: at }),
      }),
    ];
  });
  const written = [report.summary, report.findings, ...report.notes.map(({ text }) => text)].flatMap((text, index) =>
    text === ''
      ? []
      : [
          attribute(`text ${index}`, {
            ...{ type: 'comment', category: 'Other', value: text, to_ids: false, disable_correlation: true },
            comment: index === 0 ? 'Summary' : index === 1 ? 'Findings' : 'Note',
          }),
        ],
  );
  const organisation = { uuid: uuidOf(ourNamespace, 'organisation'), name: 'Surprisal' };
  return {
    Event: {
      uuid: id('event'),
      info: `C-${report.number} ${report.title}`.toWellFormed(),
      date: made.toISOString().slice(0, 10),
      timestamp: seconds,
      threat_level_id: threatLevel(report),
      // Ongoing, or completed.
      analysis: report.state === 'closed' ? '2' : '1',
      distribution,
      published: false,
      Orgc: organisation,
      Attribute: [...observables, ...lines, ...written],
      Tag: report.techniques
        .filter(({ isChosen }) => isChosen)
        .map(({ id: technique, name }) => ({ name: `misp-galaxy:mitre-attack-pattern="${name} - ${technique}"` })),
    },
  };
}

/** The same report gives the same bytes. */
export function renderMisp(report: CaseReport): string {
  return asciiJson(mispEvent(report));
}
