/**
 * @file Findings of a session that were decided: a model that learned since may find one again at another of its events. The decided alert stays as it was
 * seen, verdict and evidence, and stands for it.
 */
import type { NewAlert } from './protocol/alerts.ts';
import type { Connection } from './statements.ts';

type Decided = { number: number; sessionId: number; eventId: number; lastEventId: number; severity: number };

export function prepareDecidedFindings(db: Connection) {
  const decided = db.prepare<[number], Decided>(
    `SELECT number, session_id AS sessionId, event_id AS eventId, max(event_id, last_event_id) AS lastEventId, severity
     FROM alert INDEXED BY alert__source_id_event_id WHERE source_id = ? AND decided_by IS NOT NULL AND origin = 'detector'`,
  );
  // An alert stands at its strongest event: the finding may begin before it.
  const firstCulprit = db
    .prepare<[number], number | null>(
      `SELECT min(culprit.value ->> 'eventId') FROM alert_evidence CROSS JOIN json_each(alert_evidence.evidence, '$.culprits') AS culprit
       WHERE alert_evidence.alert_number = ?`,
    )
    .pluck();
  const firstEventOf = ({ number, eventId }: Decided): number => Math.min(eventId, firstCulprit.get(number) ?? eventId);

  return {
    /**
     * For the alerts of one run over a source, which is at `raisedEventIds`: whether a decided alert of the same session, which the run does not raise itself,
     * overlaps with one. What is more severe than what was decided is not what the analyst saw.
     */
    among: (sourceId: number, raisedEventIds: ReadonlySet<number>) => {
      let bySession: Map<number, Decided[]> | undefined;
      return ({ sessionId, eventId, lastEventId, severity, evidence }: NewAlert): boolean => {
        bySession ??= Map.groupBy(
          decided.all(sourceId).filter((one) => !raisedEventIds.has(one.eventId)),
          (one) => one.sessionId,
        );
        const first = evidence.culprits.reduce((least, culprit) => Math.min(least, culprit.eventId), eventId);
        const last = Math.max(eventId, lastEventId);
        return (bySession.get(sessionId) ?? []).some(
          (one) => severity <= one.severity && one.lastEventId >= first && firstEventOf(one) <= last,
        );
      };
    },
  };
}
