/**
 * @file The made-up office whose life changes honestly, through the app: learned while it is quiet; then a stretch that an analyst watches, and a
 * later one that nobody judges and that all figures come from. Alerts far below any threshold are kept, so that figures can be had at any.
 */
import Database from 'better-sqlite3';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Vote } from '../../../src/shared/detectors.ts';
import type { AlertProfile, CulpritShare } from '../../../src/main/detect/fingerprint.ts';
import { groupKeyOf } from '../../../src/main/detect/groups.ts';
import { generateOffice } from '../../../src/main/lab/office.ts';
import { workspacePaths } from '../../../src/main/store/paths.ts';
import type { SourceFormat } from '../../../src/shared/lines.ts';
import { importLog, learnFrom, scoreSources, type TestApp } from '../../helpers/app.ts';

/** Twelve weekdays of honest change and attacks behind nine quiet ones. */
const office = { lines: 100_000, anomalyRate: 0.008, cleanUntil: 0.4, hasChanges: true };
const startAt = Date.UTC(2026, 8, 7);
/** Of what comes behind the quiet part, the share that the analyst watches. */
const watchedShare = 0.5;
/** One line in a hundred: the most that a budget may ask for, so that as much as possible is kept. */
const widest = { alerts: 1_000_000, per: '100k' } as const;
const calmLines = 20_000;
/** Lines of one attack lie no further from each other. */
const farthestLines = 30;

export type StreamAlert = {
  number: number;
  id: string;
  part: 'watched' | 'later';
  /** -log10 p under the model's own weights. */
  score: number;
  severity: number;
  votes: Vote[];
  group: string;
  signature: string;
  templateId: number;
  entity: string;
  title: string;
  reason: string;
  eventId: number;
  at: number | null;
  fingerprint: string;
  profile: AlertProfile;
  lineNumber: number;
  /** What wrote the line. */
  kind: string;
  isThreat: boolean;
  /** The attacks that its events belong to. */
  attacks: number[];
};

export type Attack = { part: 'watched' | 'later'; kind: string };

/** `calm`: the log as it would have gone on with neither change nor attack, to see what share of it alerts. */
export type Stream = { alerts: StreamAlert[]; attacks: Attack[]; calmSourceId: number };

export async function labStream(app: TestApp, workspace: string, folder: string, seed: number): Promise<Stream> {
  const lines = [...generateOffice({ ...office, seed: 300 + seed, startAt })];
  const cut = Math.floor(office.lines * office.cleanUntil);
  const end = cut + Math.floor((lines.length - cut) * watchedShare);
  const calmly = { ...office, anomalyRate: 0, hasChanges: false };
  const calm = [...generateOffice({ ...calmly, seed: 300 + seed, startAt })].slice(cut, cut + calmLines);
  const parts = { calm, quiet: lines.slice(0, cut), watched: lines.slice(cut, end), later: lines.slice(end) };
  const sourceOf = async (name: keyof typeof parts): Promise<number> => {
    const path = join(folder, `${name}.log`);
    await writeFile(path, `${parts[name].map(({ text }) => text).join('\n')}\n`);
    return importLog(app, path);
  };
  const quiet = await sourceOf('quiet');
  await app.ask('thresholds.set_budget', { budget: widest }).catch(() => undefined);
  const learned = await learnFrom(app, [quiet], seed);
  if (learned.state !== 'done') throw new Error(`Learning ended as ${learned.state}: ${learned.error}`);
  const sources = { watched: await sourceOf('watched'), later: await sourceOf('later') };
  await app.ask('thresholds.set_budget', { budget: widest });
  await scoreSources(app, [sources.watched, sources.later]);
  return { ...readStream(workspace, parts, sources), calmSourceId: await sourceOf('calm') };
}

type Lines = readonly { label: string; kind: string }[];
type Row = Omit<StreamAlert, 'part' | 'votes' | 'group' | 'kind' | 'isThreat' | 'attacks' | 'profile'> & {
  sourceId: number;
  votes: string;
  /** Its events. */
  culprits: string;
  actor: string;
  shares: string;
  format: SourceFormat;
  prefixHash: number;
};

function readStream(
  directory: string,
  parts: Record<'watched' | 'later', Lines>,
  sources: Record<'watched' | 'later', number>,
): Omit<Stream, 'calmSourceId'> {
  const attacks: Attack[] = [];
  const attackOf = { watched: new Map<number, number>(), later: new Map<number, number>() };
  for (const part of ['watched', 'later'] as const) {
    const last = new Map<string, { line: number; attack: number }>();
    parts[part].forEach(({ label, kind }, index) => {
      if (label !== 'anomaly') return;
      const before = last.get(kind);
      const attack = before && index - before.line <= farthestLines ? before.attack : attacks.push({ part, kind }) - 1;
      last.set(kind, { line: index, attack });
      attackOf[part].set(index + 1, attack);
    });
  }
  const db = new Database(workspacePaths(directory).database, { readonly: true });
  const lineOf = db.prepare<[number], number>('SELECT line_number FROM event WHERE id = ?').pluck();
  const rows = db
    .prepare<[], Row>(
      `SELECT alert.number, alert.id, alert.source_id AS sourceId, alert.score, alert.severity,
         json_extract(alert_evidence.evidence, '$.votes') AS votes, json_extract(alert_evidence.evidence, '$.culprits') AS culprits,
         source.format, coalesce(template.prefix_hash, 0) AS prefixHash, alert.signature, alert.template_id AS templateId,
         alert.entity_kind || ' ' || alert.entity_hash AS entity, alert.title, alert.reason,
         alert.event_id AS eventId, alert.at, alert.fingerprint, alert.actor, alert.culprits AS shares, event.line_number AS lineNumber
       FROM alert CROSS JOIN source ON source.id = alert.source_id CROSS JOIN event ON event.id = alert.event_id
       CROSS JOIN alert_evidence ON alert_evidence.alert_number = alert.number
       LEFT JOIN template ON template.id = alert.template_id
       WHERE alert.origin = 'detector' ORDER BY alert.number`,
    )
    .all();
  const alerts = rows.map(({ sourceId, votes, culprits, format, prefixHash, actor, shares, ...row }): StreamAlert => {
    const part = sourceId === sources.watched ? 'watched' : 'later';
    const events = (JSON.parse(culprits) as { eventId: number }[]).map(({ eventId }) => lineOf.get(eventId) ?? 0);
    const found = new Set([row.lineNumber, ...events].flatMap((line) => attackOf[part].get(line) ?? []));
    return {
      ...row,
      part,
      profile: { actor, culprits: JSON.parse(shares) as CulpritShare[] },
      votes: JSON.parse(votes) as Vote[],
      group: groupKeyOf(format, prefixHash),
      kind: parts[part][row.lineNumber - 1]?.kind ?? '',
      isThreat: found.size > 0,
      attacks: [...found],
    };
  });
  db.close();
  return { alerts, attacks };
}
