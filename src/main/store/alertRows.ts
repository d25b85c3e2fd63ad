/** @file Rows of `alert` with what a list shows beside them, and how they become records. */
import type { DetectorId } from '../../shared/detectors.ts';
import type { AlertOrigin, AlertState, ReasonKind, SeverityLevel } from '../../shared/alerts.ts';
import type { SeenBefore, VerdictValue } from '../../shared/verdicts.ts';
import { verdictValues } from '../../shared/verdicts.ts';
import type { EntityKind } from '../../shared/lines.ts';
import { formatCursor } from './cursor.ts';
import type { AlertRecord } from './protocol/alerts.ts';
import type { Connection } from './statements.ts';

export type AlertJoinRow = {
  number: number;
  id: string;
  state: AlertState;
  severity: SeverityLevel;
  score: number;
  bits: number;
  reason: ReasonKind;
  detector: DetectorId;
  origin: AlertOrigin;
  perplexity: number | null;
  confidence: number | null;
  title: string;
  signature: string;
  template_id: number;
  event_id: number;
  surprise_at: number | null;
  session_id: number;
  source_id: number;
  source_name: string;
  model_id: string;
  line_number: number;
  entity_kind: EntityKind;
  entity: string | null;
  host: string | null;
  at: number | null;
  raised_at: number;
  event_count: number;
  is_viewed: number;
  known_by: number | null;
  own_score: number | null;
  own_severity: SeverityLevel | null;
  order_at: number;
  owner: string | null;
  decided_by: number | null;
  verdict_id: string | null;
  verdict_value: VerdictValue | null;
  verdict_note: string | null;
  verdict_analyst: string | null;
  verdict_at: number | null;
  repeat_count: number;
  repeat_last_at: number | null;
  case_number: number | null;
};

/** The event's raw line is left alone. CROSS JOIN keeps `alert` outermost, in the order of its index. */
export const alertColumns = `alert.number, alert.id, alert.state, alert.severity, alert.score, alert.bits, alert.reason, alert.detector, alert.origin, alert.title,
  alert.signature, alert.template_id, alert.event_id, alert.session_id, alert.source_id, source.name AS source_name,
  (SELECT json_extract(evidence, '$.surpriseAt') FROM alert_evidence WHERE alert_number = alert.number) AS surprise_at,
  run.model_id, event.line_number, alert.entity_kind, event.entity, event.host, alert.at, alert.raised_at,
  alert.event_count, alert.perplexity, alert.confidence, alert.repeat_count, alert.repeat_last_at, alert.is_viewed, alert.order_at, alert.known_by, alert.own_score, alert.own_severity, alert.owner, alert.decided_by,
  verdict.id AS verdict_id, verdict.value AS verdict_value,
  verdict.note AS verdict_note, verdict.analyst AS verdict_analyst, verdict.at AS verdict_at,
  (SELECT max(case_file.root) FROM case_alert CROSS JOIN case_file ON case_file.number = case_alert.case_number
   WHERE case_alert.alert_number = alert.number) AS case_number`;

export const alertJoins = `CROSS JOIN event ON event.id = alert.event_id
  CROSS JOIN source ON source.id = alert.source_id
  CROSS JOIN run ON run.number = alert.run_number
  LEFT JOIN verdict ON verdict.number = alert.decided_by`;

/** More than this many alike are counted as this many: after a verdict on a hundred thousand, every page would count them. */
const mostCounted = 1000;

function toAlertRecord(row: AlertJoinRow, seenBefore: SeenBefore, foldedCount: number): AlertRecord {
  const isDecided = row.verdict_id !== null && row.verdict_value !== null;
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    severity: row.severity,
    ownSeverity: row.own_severity ?? row.severity,
    // That of a known threat is raised for its place in lists.
    score: row.own_score ?? row.score,
    bits: row.bits,
    reason: row.reason,
    detector: row.detector,
    origin: row.origin,
    title: row.title,
    signature: row.signature,
    templateIndex: row.template_id - 1,
    eventId: row.event_id,
    surpriseAt: row.surprise_at,
    sessionId: row.session_id,
    sourceId: row.source_id,
    sourceName: row.source_name,
    modelId: row.model_id,
    lineNumber: row.line_number,
    entityKind: row.entity_kind,
    entity: row.entity,
    host: row.host,
    at: row.at,
    raisedAt: row.raised_at,
    eventCount: row.event_count,
    perplexity: row.perplexity,
    confidence: row.confidence,
    foldedCount,
    repeatCount: row.repeat_count,
    repeatLastAt: row.repeat_last_at,
    isViewed: row.is_viewed === 1,
    isKnownThreat: row.known_by !== null && row.decided_by === null,
    seenBefore,
    verdict: isDecided
      ? {
          id: row.verdict_id as string,
          alertId: row.id,
          value: row.verdict_value as VerdictValue,
          note: row.verdict_note ?? '',
          analyst: row.verdict_analyst ?? '',
          givenAt: row.verdict_at ?? 0,
        }
      : null,
    caseNumber: row.case_number,
    owner: row.owner,
    place: {
      severity: formatCursor('severity', { first: row.severity, second: row.score, eventId: row.event_id }),
      time: formatCursor('time', { first: row.order_at, second: 0, eventId: row.event_id }),
    },
  };
}

const nothingSaid = Object.fromEntries(verdictValues.map((value) => [value, 0])) as SeenBefore;

/** As it was before anybody decided it, or its like: for a blind question, which must not tell what it asks for. */
export function blinded(record: AlertRecord): AlertRecord {
  return {
    ...record,
    // What is confirmed is raised.
    severity: record.ownSeverity,
    ...{ state: 'open', verdict: null, isKnownThreat: false, seenBefore: nothingSaid },
    ...{ foldedCount: 0, isViewed: false, caseNumber: null, owner: null },
  };
}

/** The same for a condition: `alert` has the one of this number alone, as it was, in no case. */
export const asUndecided = (number: string): string => `WITH case_alert AS (
    SELECT NULL AS case_number, NULL AS alert_number WHERE 0
  ), alert AS (
    SELECT number, id, 'open' AS state, coalesce(own_severity, severity) AS severity, coalesce(own_score, score) AS score, bits, reason, detector, title,
      signature, actor, template_id, event_id, source_id, entity_kind, at, order_at, raised_at, 0 AS is_viewed, NULL AS decided_by, NULL AS owner
    FROM main.alert WHERE number = ${number}
  )`;

export type AlertRows = ReturnType<typeof prepareAlertRows>;

export function prepareAlertRows(db: Connection) {
  const alike = db
    .prepare<[string], [value: VerdictValue, count: number]>(
      `SELECT verdict.value, count(*)
       FROM (SELECT decided_by FROM alert WHERE signature = ? AND decided_by IS NOT NULL LIMIT ${mostCounted}) AS some
       CROSS JOIN verdict ON verdict.number = some.decided_by GROUP BY verdict.value`,
    )
    .raw();
  const folded = db
    .prepare<[number, string], number>(
      `SELECT count(*) FROM (SELECT 1 FROM alert WHERE folded_by = ? AND signature = ? AND decided_by IS NULL LIMIT ${mostCounted})`,
    )
    .pluck();
  return {
    /** Adds what verdicts the signature has had: on other alerts than the row itself. */
    toRecords: (rows: readonly AlertJoinRow[]): AlertRecord[] => {
      const verdictsBySignature = new Map<string, [VerdictValue, number][]>();
      const foldedBy = new Map<string, number>();
      const foldedUnder = ({ decided_by: verdict, signature }: AlertJoinRow): number => {
        if (verdict === null) return 0;
        const key = `${verdict} ${signature}`;
        let count = foldedBy.get(key);
        if (count === undefined) foldedBy.set(key, (count = folded.get(verdict, signature) ?? 0));
        return count;
      };
      return rows.map((row) => {
        let verdicts = verdictsBySignature.get(row.signature);
        if (!verdicts) {
          verdicts = alike.all(row.signature);
          verdictsBySignature.set(row.signature, verdicts);
        }
        const seen = { ...nothingSaid };
        for (const [value, count] of verdicts) seen[value] = count - (row.verdict_value === value ? 1 : 0);
        return toAlertRecord(row, seen, foldedUnder(row));
      });
    },
  };
}
