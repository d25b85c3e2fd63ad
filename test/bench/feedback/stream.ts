/** @file Alerts of a labelled stream as the app stored them, with what the labels of their lines say. */
import Database from 'better-sqlite3';
import type { Vote } from '../../../src/shared/detectors.ts';
import type { AlertProfile, CulpritShare } from '../../../src/main/detect/fingerprint.ts';
import { groupKeyOf } from '../../../src/main/detect/groups.ts';
import { workspacePaths } from '../../../src/main/store/paths.ts';
import type { SourceFormat } from '../../../src/shared/lines.ts';

/** `watched`: what the analyst judges. `later`: what nobody judges, and figures come from. */
export type Part = 'watched' | 'later';

export type StreamAlert = {
  number: number;
  id: string;
  part: Part;
  /** -log10 p under the model's own weights. */
  score: number;
  votes: Vote[];
  group: string;
  signature: string;
  templateId: number;
  eventId: number;
  at: number | null;
  fingerprint: string;
  profile: AlertProfile;
  isThreat: boolean;
  /** The attacks that its events belong to. */
  attacks: number[];
};

export type LineLabel = { part: Part; attack: number | null };

type Row = Omit<StreamAlert, 'part' | 'votes' | 'group' | 'isThreat' | 'attacks' | 'profile'> & {
  sourceId: number;
  lineNumber: number;
  votes: string;
  /** Its events. */
  culprits: string;
  actor: string;
  shares: string;
  format: SourceFormat;
  prefixHash: number;
};

/** Those of lines that have a label. An alert is a threat where one of its events is an attack's. */
export function readAlerts(
  workspace: string,
  labelOf: (sourceId: number, lineNumber: number) => LineLabel | null,
): StreamAlert[] {
  const db = new Database(workspacePaths(workspace).database, { readonly: true });
  const lineOf = db.prepare<[number], number>('SELECT line_number FROM event WHERE id = ?').pluck();
  const rows = db
    .prepare<[], Row>(
      `SELECT alert.number, alert.id, alert.source_id AS sourceId, alert.score,
         json_extract(alert_evidence.evidence, '$.votes') AS votes, json_extract(alert_evidence.evidence, '$.culprits') AS culprits,
         source.format, coalesce(template.prefix_hash, 0) AS prefixHash, alert.signature, alert.template_id AS templateId,
         alert.event_id AS eventId, alert.at, alert.fingerprint, alert.actor, alert.culprits AS shares, event.line_number AS lineNumber
       FROM alert CROSS JOIN source ON source.id = alert.source_id CROSS JOIN event ON event.id = alert.event_id
       CROSS JOIN alert_evidence ON alert_evidence.alert_number = alert.number
       LEFT JOIN template ON template.id = alert.template_id
       WHERE alert.origin = 'detector' ORDER BY alert.number`,
    )
    .all();
  const alerts = rows.flatMap((row): StreamAlert[] => {
    const { sourceId, lineNumber, votes, culprits, format, prefixHash, actor, shares, ...own } = row;
    const label = labelOf(sourceId, lineNumber);
    if (!label) return [];
    const events = (JSON.parse(culprits) as { eventId: number }[]).map(({ eventId }) => lineOf.get(eventId) ?? 0);
    const found = new Set([lineNumber, ...events].flatMap((line) => labelOf(sourceId, line)?.attack ?? []));
    return [
      {
        ...own,
        part: label.part,
        profile: { actor, culprits: JSON.parse(shares) as CulpritShare[] },
        votes: JSON.parse(votes) as Vote[],
        group: groupKeyOf(format, prefixHash),
        isThreat: found.size > 0,
        attacks: [...found],
      },
    ];
  });
  db.close();
  return alerts;
}
