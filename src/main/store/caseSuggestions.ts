/** @file Alerts that may belong to a case: of an entity of it, alike one of it, or close in time on a host of it. What was refused is remembered. */
import type { Relation } from '../../shared/cases.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import { familyOf, type CaseRows } from './caseRows.ts';
import type { Connection, Input, Output } from './statements.ts';
import { inTransaction } from './statements.ts';

/** What an alert is compared with: of a case of ten thousand alerts the most severe say what it is about. */
const mostCompared = 200;
const mostOfEach = 200;
/** Before and after an alert of the case. */
const closeMs = 5 * 60_000;

type Found = { number: number; relation: Relation };

export type CaseSuggestions = ReturnType<typeof prepareCaseSuggestions>;

export function prepareCaseSuggestions(db: Connection, parts: { audit: Audit; cases: CaseRows; alerts: Alerts }) {
  const { audit, cases, alerts } = parts;
  const core = `core AS MATERIALIZED (
    SELECT alert.number, alert.entity_hash, alert.entity_kind, alert.signature, alert.at, event.host
    FROM case_alert CROSS JOIN alert ON alert.number = case_alert.alert_number CROSS JOIN event ON event.id = alert.event_id
    WHERE case_alert.case_number IN ${familyOf('@number')}
    ORDER BY alert.severity DESC, alert.score DESC LIMIT ${mostCompared})`;
  // Not refused, not in the case, not hidden under another alert, and not known to be nothing.
  const outside = `NOT EXISTS (SELECT 1 FROM verdict WHERE number = alert.decided_by
      AND value IN ('false_positive_logic', 'false_positive_data')) AND alert.state IN ('open', 'decided') AND (alert.state = 'decided' OR alert.score >= @minScore)
    AND NOT EXISTS (SELECT 1 FROM case_alert WHERE alert_number = alert.number AND case_number IN ${familyOf('@number')})
    AND NOT EXISTS (SELECT 1 FROM case_refusal WHERE alert_id = alert.id AND case_number IN ${familyOf('@number')})`;
  type Parameters = { number: number; minScore: number };
  const byEntity = db.prepare<Parameters, Found>(
    `WITH ${core} SELECT DISTINCT alert.number, 'entity' AS relation
     FROM (SELECT DISTINCT entity_hash, entity_kind FROM core WHERE entity_kind <> 'source') AS wanted
     CROSS JOIN alert INDEXED BY alert__entity ON alert.entity_hash = wanted.entity_hash AND alert.entity_kind = wanted.entity_kind
     WHERE ${outside} ORDER BY alert.order_at DESC LIMIT ${mostOfEach}`,
  );
  const bySignature = db.prepare<Parameters, Found>(
    `WITH ${core} SELECT alert.number, 'signature' AS relation FROM (SELECT DISTINCT signature FROM core) AS wanted
     CROSS JOIN alert INDEXED BY alert__signature_order_at ON alert.signature = wanted.signature
     WHERE ${outside} LIMIT ${mostOfEach}`,
  );
  const byTime = db.prepare<Parameters, Found>(
    `WITH ${core} SELECT DISTINCT alert.number, 'time' AS relation
     FROM core CROSS JOIN alert INDEXED BY alert__by_time
       ON alert.state IN ('open', 'decided') AND alert.order_at BETWEEN core.at - ${closeMs} AND core.at + ${closeMs}
     CROSS JOIN event ON event.id = alert.event_id AND event.host = core.host
     WHERE core.at IS NOT NULL AND core.host IS NOT NULL AND ${outside} LIMIT ${mostOfEach}`,
  );
  const refuse = db.prepare<[number, string]>(
    'INSERT INTO case_refusal (case_number, alert_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const unrefuse = db.prepare<[number, string]>(
    `DELETE FROM case_refusal WHERE case_number IN ${familyOf('?')} AND alert_id = ?`,
  );
  const countRefused = db
    .prepare<[number], number>(`SELECT count(*) FROM case_refusal WHERE case_number IN ${familyOf('?')}`)
    .pluck();

  return {
    /** What was confirmed of an entity of the case first, then those with most in common, then the most severe. */
    suggest: ({ caseId, minScore, limit }: Input<'suggest_alerts'>): Output<'suggest_alerts'> => {
      const { number } = cases.get(caseId);
      const relations = new Map<number, Relation[]>();
      for (const statement of [byEntity, bySignature, byTime]) {
        for (const found of statement.all({ number, minScore })) {
          const known = relations.get(found.number);
          if (known) known.push(found.relation);
          else relations.set(found.number, [found.relation]);
        }
      }
      const records = alerts.byNumbers([...relations.keys()]).map((alert) => ({
        alert,
        relations: relations.get(alert.number) ?? [],
      }));
      const isConfirmed = ({ alert, relations: found }: (typeof records)[number]): number =>
        Number(alert.verdict?.value === 'true_positive' && found.includes('entity'));
      const sorted = records.sort(
        (a, b) =>
          isConfirmed(b) - isConfirmed(a) ||
          b.relations.length - a.relations.length ||
          b.alert.severity - a.alert.severity ||
          b.alert.score - a.alert.score,
      );
      return { suggestions: sorted.slice(0, limit), refusedCount: countRefused.get(number) ?? 0 };
    },
    refuse: ({ caseId, alertIds, isRefused, actor }: Input<'refuse_alerts'>): undefined => {
      inTransaction(db, () => {
        const { number } = cases.writable(caseId);
        for (const alertId of alertIds) {
          if (isRefused) refuse.run(number, alertId);
          else unrefuse.run(number, alertId);
        }
        const action = isRefused ? 'case.suggestions_refused' : 'case.refusals_taken_back';
        audit.append({ action, subject: caseId, details: { alerts: alertIds.length }, actor });
      });
    },
  };
}
