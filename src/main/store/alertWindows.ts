/** @file What a model reads before each alert's event, in bulk; which alerts have verdicts; and which events may not be taken as normal. */
import type { Vote } from '../../shared/detectors.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';
import type { SourceFormat } from '../../shared/lines.ts';
import type { AlertSaid, LogAlert } from './protocol/models.ts';
import type { Connection, Input, Output } from './statements.ts';

type Key = [templateId: number, severity: number | null];

type Row = {
  number: number;
  id: string;
  title: string;
  score: number;
  detector: Vote['detector'];
  eventId: number;
  sessionId: number;
  format: SourceFormat;
  verdict: VerdictValue | null;
  votes: string | null;
  /** Of one that a preset's rule raised: it has no votes of ours. */
  rule: string | null;
  lastOfSession: number | null;
  isOpen: number | null;
};

/** The verdict that holds for an alert: its own, the one that it folds under, or that of the alert that counts it. */
const joinSaid = `LEFT JOIN alert AS head ON head.number = alert.head_number AND alert.decided_by IS NULL
  LEFT JOIN verdict AS said ON said.number = coalesce(alert.decided_by, alert.folded_by, head.decided_by, head.folded_by)`;
const saidOfIt =
  "CASE said.value WHEN 'true_positive' THEN 'threat' WHEN 'undetermined' THEN 'undecided' ELSE iif(said.value IS NULL, 'undecided', 'harmless') END AS said";

export type AlertWindows = ReturnType<typeof prepareAlertWindows>;

export function prepareAlertWindows(db: Connection) {
  const order = db
    .prepare<{ decidedOnly: number }, number>(
      `SELECT number FROM alert WHERE (@decidedOnly = 0 AND state <> 'sampled') OR decided_by IS NOT NULL
       ORDER BY session_id, event_id`,
    )
    .pluck();
  const byNumber = db.prepare<[number], Row>(
    `SELECT alert.number, alert.id, alert.title, coalesce(alert.own_score, alert.score) AS score, alert.detector, alert.event_id AS eventId,
       alert.session_id AS sessionId, source.format, verdict.value AS verdict, json_extract(alert_evidence.evidence, '$.votes') AS votes,
       json_extract(alert_evidence.evidence, '$.rule') AS rule,
       session.last_event_id AS lastOfSession, session.is_open AS isOpen
     FROM alert CROSS JOIN source ON source.id = alert.source_id
       CROSS JOIN alert_evidence ON alert_evidence.alert_number = alert.number LEFT JOIN session ON session.id = alert.session_id
       LEFT JOIN verdict ON verdict.number = alert.decided_by
     WHERE alert.number = ?`,
  );
  const keysTo = db
    .prepare<[number, number, number], Key>(
      'SELECT template_id, severity FROM event WHERE session_id = ? AND id <= ? ORDER BY id DESC LIMIT ?',
    )
    .raw();
  const countWithin = db
    .prepare<[number, number, number], number>('SELECT count(*) FROM event WHERE session_id = ? AND id >= ? AND id < ?')
    .pluck();
  const labelled = db.prepare<
    [],
    Omit<Output<'read_labelled_alerts'>[number], 'isModelRemoved'> & { isModelRemoved: number }
  >(
    `SELECT alert.number, alert.decided_by AS verdictNumber, verdict.value, verdict.at AS givenAt, alert.signature,
       alert.entity_kind || ' ' || alert.entity_hash AS entity, alert.event_id AS eventId, alert.at, alert.sampling_weight AS samplingWeight,
       model.removed_at IS NOT NULL AS isModelRemoved
     FROM alert INDEXED BY alert__decided CROSS JOIN verdict ON verdict.number = alert.decided_by
       CROSS JOIN run ON run.number = alert.run_number CROSS JOIN model ON model.id = run.model_id
     WHERE alert.decided_by IS NOT NULL ORDER BY alert.decided_by, alert.number`,
  );
  // Open, muted, or counted by one that is; confirmed threats, and what folds under them. An alert stands at its strongest event: it may begin before.
  const ofLog = db.prepare<
    Input<'read_log_alerts'>['after'] & { sourceId: number; minScore: number; limit: number },
    LogAlert
  >(
    `SELECT alert.number, alert.session_id AS sessionId, alert.event_id AS eventId, min(alert.event_id, coalesce(
         (SELECT min(culprit.value ->> 'eventId') FROM alert_evidence CROSS JOIN json_each(alert_evidence.evidence, '$.culprits') AS culprit
          WHERE alert_evidence.alert_number = alert.number), alert.event_id)) AS firstEventId,
       max(alert.event_id, alert.last_event_id) AS lastEventId,
       ${saidOfIt}
     FROM alert INDEXED BY alert__source_id_event_id ${joinSaid}
     WHERE alert.source_id = @sourceId AND (alert.event_id, alert.number) > (@eventId, @number)
       AND (said.value IN ('true_positive', 'undetermined') OR (alert.score >= @minScore AND (said.value IS NULL OR alert.origin = 'detector')))
     ORDER BY alert.event_id, alert.number LIMIT @limit`,
  );
  const saidOf = db.prepare<[string], AlertSaid>(
    `SELECT alert.id AS alertId, ${saidOfIt} FROM alert ${joinSaid} WHERE alert.id = ?`,
  );
  const newestVerdict = db.prepare<[], number>('SELECT coalesce(max(number), 0) FROM verdict').pluck();
  const newVerdicts = db
    .prepare<[number, number], number>('SELECT count(*) FROM standing_verdict WHERE at > ? AND number > ?')
    .pluck();

  return {
    order: ({ decidedOnly }: Input<'list_alert_numbers'>): Output<'list_alert_numbers'> =>
      Int32Array.from(order.all({ decidedOnly: decidedOnly ? 1 : 0 })),

    /** Of alerts that are in the order of `order`: counting the events of a session goes on from the alert before. */
    read: ({ numbers, events }: Input<'read_alert_windows'>): Output<'read_alert_windows'> => {
      const alerts: Output<'read_alert_windows'>['alerts'] = [];
      const offsets = new Int32Array(numbers.length + 1);
      let keys = new Int32Array(numbers.length * events * 2);
      let used = 0;
      let before = { sessionId: -1, eventId: 0, place: 0 };
      for (const number of numbers) {
        const row = byNumber.get(number);
        if (!row || row.rule !== null) continue; // gone meanwhile, or a rule's
        const { sessionId, eventId } = row;
        const goesOn = before.sessionId === sessionId && before.eventId <= eventId;
        const [from, counted] = goesOn ? [before.eventId, before.place] : [0, 0];
        const place = counted + (countWithin.get(sessionId, from, eventId) ?? 0);
        before = { sessionId, eventId, place };
        const own = keysTo.all(sessionId, eventId, Math.min(events, place + 1)).reverse();
        for (const [templateId, severity] of own) {
          keys[used++] = templateId - 1;
          keys[used++] = severity ?? -1;
        }
        const { votes, lastOfSession, isOpen, verdict, format, id, title, score, detector } = row;
        alerts.push({
          ...{ number, id, title, score, detector, format, verdict, place },
          votes: votes === null ? [] : (JSON.parse(votes) as Vote[]),
          isSessionEnd: lastOfSession === eventId && isOpen === 0,
        });
        offsets[alerts.length] = used / 2;
      }
      keys = keys.slice(0, used);
      return { alerts, keys, offsets: offsets.slice(0, alerts.length + 1) };
    },

    labelled: (): Output<'read_labelled_alerts'> =>
      labelled.all().map((row) => ({ ...row, isModelRemoved: row.isModelRemoved === 1 })),

    ofLog: ({ sourceId, minScore, after, limit }: Input<'read_log_alerts'>): Output<'read_log_alerts'> =>
      ofLog.all({ ...after, sourceId, minScore, limit }),

    said: ({ alertIds }: Input<'read_alerts_said'>): Output<'read_alerts_said'> =>
      alertIds.flatMap((alertId) => saidOf.get(alertId) ?? []),

    newestVerdict: (): number => newestVerdict.get() ?? 0,
    countVerdicts: ({ after, afterNumber }: Input<'count_verdicts'>): number =>
      newVerdicts.get(after, afterNumber) ?? 0,
  };
}
