/**
 * @file A report as a STIX 2.1 bundle: the report, each alert with a time as observed data with its line and observables, indicators of what was
 * judged a true positive, chosen techniques, notes. Ids follow from the content, so that the same case is the same objects again.
 */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Instant } from '../../../shared/instant.ts';
import type { Observable } from '../../../shared/observables.ts';
import type { CaseReport, ReportAlert } from '../caseReport.ts';
import { severityName, verdictNames } from '../format.ts';
import { attackVersion } from '../attack.ts';
import { ourNamespace, uuidOf } from './ids.ts';
import { asciiJson } from './json.ts';

type StixObject = { type: string; id: string; spec_version: '2.1' } & Record<string, unknown>;

/** For ids of cyber observables, by the specification. */
const observableNamespace = '00abedb4-aa42-466c-9c01-fed23315a9b7';
/** When the identity of the app was first written down. */
const identityCreated = '2026-01-01T00:00:00.000Z';
const hashNames: Record<number, string> = { 32: 'MD5', 40: 'SHA-1', 64: 'SHA-256', 128: 'SHA-512' };
const hostName =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?){0,10}$/i;
/** What STIX takes as such: by RFC 3986, and a plain RFC 5322. Others are in the line, which is there whole. */
const uri =
  /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._~%!$&'()*+,;=:@[\]-]+(?:[/?#](?:[a-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9a-f]{2})*)?$/i;
const mailAddress = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i;
/** Years of four digits: others have no timestamp in STIX. */
const [firstInstant, lastInstant] = [Date.UTC(1970, 0, 1), Date.UTC(9999, 11, 31)];

/** Properties in the order of their names, as the canonical form has them. */
function canonical(properties: Record<string, unknown>): string {
  const sorted = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sorted(item)]),
        )
      : value;
  return JSON.stringify(sorted(properties));
}

/** A cyber observable whose id is made of `identifying`. */
function observed(
  type: string,
  identifying: Record<string, unknown>,
  others: Record<string, unknown> = {},
): StixObject {
  return {
    type,
    spec_version: '2.1',
    id: `${type}--${uuidOf(observableNamespace, canonical(identifying))}`,
    ...identifying,
    ...others,
  };
}

/** An observable as objects, the one that is it last; none where STIX has no object for it. */
function toObjects({ kind, text }: Observable): StixObject[] {
  const value = text.toWellFormed();
  switch (kind) {
    case 'address': {
      const version = isIP(value);
      return version === 0 ? [] : [observed(version === 4 ? 'ipv4-addr' : 'ipv6-addr', { value })];
    }
    case 'domain':
    case 'host':
      return hostName.test(value) ? [observed('domain-name', { value })] : [];
    case 'url':
      return uri.test(value) ? [observed('url', { value })] : [];
    case 'email':
      return mailAddress.test(value) ? [observed('email-addr', { value })] : [];
    case 'hash': {
      const name = hashNames[value.length];
      return name === undefined ? [] : [observed('file', { hashes: { [name]: value } })];
    }
    case 'user':
      return [observed('user-account', { account_login: value })];
    case 'process':
      return [observed('software', { name: value })];
    case 'command': {
      // A process has no identifying properties: the standard wants an id by chance, and the same case the same bytes.
      const id = `process--${uuidOf(ourNamespace, `process ${value}`, 4)}`;
      return [{ type: 'process', spec_version: '2.1', id, command_line: value }];
    }
    case 'file': {
      const cut = Math.max(value.lastIndexOf('/'), value.lastIndexOf('\\'));
      const name = value.slice(cut + 1);
      if (name === '') return [observed('directory', { path: value })];
      if (cut <= 0) return [observed('file', { name })];
      const directory = observed('directory', { path: value.slice(0, cut) });
      return [directory, observed('file', { name, parent_directory_ref: directory.id })];
    }
  }
}

/** Text in single quotes, as patterns have it. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** What finds an observable elsewhere; null for what every network has. */
function patternOf({ kind, text, isInside }: Observable): string | null {
  const value = text.toWellFormed();
  switch (kind) {
    case 'address': {
      const version = isIP(value);
      return isInside !== false || version === 0 ? null : `[ipv${version}-addr:value = ${quoted(value)}]`;
    }
    case 'domain':
      return `[domain-name:value = ${quoted(value)}]`;
    case 'url':
      return !uri.test(value) ? null : `[url:value = ${quoted(value)}]`;
    case 'hash': {
      const name = hashNames[value.length];
      return name === undefined ? null : `[file:hashes.${quoted(name)} = ${quoted(value)}]`;
    }
    default:
      return null;
  }
}

function stamp(at: Instant): string | null {
  return at >= firstInstant && at <= lastInstant ? new Date(at).toISOString() : null;
}

/** The line itself, as it was read. */
function artifactOf({ raw }: ReportAlert): StixObject {
  const bytes = Buffer.from(raw.text.toWellFormed(), 'utf8');
  const payload = bytes.toString('base64');
  const hashes = { 'SHA-256': createHash('sha256').update(bytes).digest('hex') };
  return observed('artifact', { hashes, payload_bin: payload }, { mime_type: 'text/plain' });
}

export function stixBundle(report: CaseReport): { type: 'bundle'; id: string; objects: StixObject[] } {
  const made = stamp(report.generatedAt) ?? identityCreated;
  const ours = (type: string, name: string): string =>
    `${type}--${uuidOf(ourNamespace, `${type} ${report.caseId} ${name}`)}`;
  const identity: StixObject = {
    type: 'identity',
    spec_version: '2.1',
    id: `identity--${uuidOf(ourNamespace, 'identity')}`,
    created: identityCreated,
    modified: identityCreated,
    name: 'Surprisal',
    identity_class: 'system',
  };
  const dated = { spec_version: '2.1', created_by_ref: identity.id, created: made, modified: made } as const;

  const objects = new Map<string, StixObject>();
  const keep = (object: StixObject): string => {
    if (!objects.has(object.id)) objects.set(object.id, object);
    return object.id;
  };
  keep(identity);

  const refsOfAlert = new Map<number, string[]>();
  for (const observable of report.observables) {
    const refs = toObjects(observable).map(keep);
    for (const number of observable.alerts) refsOfAlert.set(number, [...(refsOfAlert.get(number) ?? []), ...refs]);
  }

  const observedIds = new Map<number, string>();
  for (const alert of report.alerts) {
    const at = alert.at === null ? null : stamp(alert.at);
    const artifact = alert.raw.text === '' ? [] : [keep(artifactOf(alert))];
    const refs = [...new Set([...artifact, ...(refsOfAlert.get(alert.number) ?? [])])];
    if (at === null || refs.length === 0) continue;
    const id = keep({
      ...dated,
      type: 'observed-data',
      id: ours('observed-data', String(alert.number)),
      first_observed: at,
      last_observed: at,
      number_observed: Math.min(1 + alert.repeatCount, 999_999_999),
      object_refs: refs,
      labels: [
        `A-${alert.number}`,
        `severity:${severityName(alert.severity)}`,
        `bits:${alert.bits.toFixed(2)}`,
        `minus-log10-p:${alert.score.toFixed(3)}`,
        ...(alert.verdict ? [`verdict:${alert.verdict.value}`] : []),
      ],
    });
    observedIds.set(alert.number, id);
  }

  const confirmed = new Map(
    report.alerts.flatMap((alert) =>
      alert.verdict?.value === 'true_positive' ? [[alert.number, alert] as const] : [],
    ),
  );
  for (const observable of report.observables) {
    const pattern = patternOf(observable);
    const alerts = observable.alerts.filter((number) => confirmed.has(number));
    if (pattern === null || alerts.length === 0) continue;
    const from = stamp(observable.firstAt ?? report.generatedAt) ?? made;
    const id = keep({
      ...dated,
      type: 'indicator',
      id: ours('indicator', observable.key),
      name: observable.text.toWellFormed(),
      description: `On lines that an analyst judged ${verdictNames.true_positive.toLowerCase()}: ${alerts.map((number) => `A-${number}`).join(', ')}.`,
      indicator_types: ['anomalous-activity'],
      pattern,
      pattern_type: 'stix',
      pattern_version: '2.1',
      valid_from: from,
    });
    for (const number of alerts) {
      const target = observedIds.get(number);
      if (target === undefined) continue;
      keep({
        ...dated,
        type: 'relationship',
        id: ours('relationship', `${observable.key} ${number}`),
        relationship_type: 'based-on',
        source_ref: id,
        target_ref: target,
      });
    }
  }

  for (const { id, name, isChosen } of report.techniques) {
    if (!isChosen) continue;
    keep({
      ...dated,
      type: 'attack-pattern',
      id: ours('attack-pattern', id),
      name,
      external_references: [
        {
          source_name: 'mitre-attack',
          external_id: id,
          url: `https://attack.mitre.org/techniques/${id.replace('.', '/')}/`,
          description: `ATT&CK ${attackVersion}`,
        },
      ],
    });
  }

  const reportId = ours('report', 'report');
  const members = [...objects.keys()];
  const description = [report.summary, report.findings, ...report.modelSentences, report.auditSentence].filter(
    (text) => text !== '',
  );
  keep({
    ...dated,
    type: 'report',
    id: reportId,
    name: `C-${report.number} ${report.title}`.toWellFormed(),
    description: description.join('\n\n').toWellFormed(),
    report_types: ['observed-data'],
    published: made,
    object_refs: members,
  });
  for (const note of report.notes) {
    if (note.text === '') continue;
    keep({
      ...dated,
      type: 'note',
      id: ours('note', note.id),
      created: stamp(note.writtenAt) ?? made,
      modified: stamp(note.writtenAt) ?? made,
      content: note.text.toWellFormed(),
      authors: [note.analyst.toWellFormed()],
      object_refs: [reportId],
    });
  }
  return { type: 'bundle', id: ours('bundle', 'bundle'), objects: [...objects.values()] };
}

/** The same report gives the same bytes. */
export function renderStix(report: CaseReport): string {
  return asciiJson(stixBundle(report));
}
