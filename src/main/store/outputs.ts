/**
 * @file What outputs are set to, and how far each has got. What waits to be sent is the queue itself: the alerts after `after_number`, and of those before it
 * the ones that came up or rose since. It is bounded by what the workspace holds, outlives a restart, and no text of a log is copied for it.
 */
import type { Instant } from '../../shared/instant.ts';
import type { SeverityLevel } from '../../shared/alerts.ts';
import type { OutputKind, OutputSettings } from '../../shared/outputs.ts';
import { alertColumns, alertJoins, type AlertJoinRow, type AlertRows } from './alertRows.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import type { Actor } from './protocol/workspace.ts';
import type { AlertRecord } from './protocol/alerts.ts';
import type { Connection } from './statements.ts';
import { inTransaction } from './statements.ts';

export type OutputRecord = {
  settings: OutputSettings;
  secret: string | null;
  afterNumber: number;
  afterChange: number;
  sentCount: number;
  lastSentAt: Instant | null;
};

/** Which alerts an output takes. `minScore` is the threshold's. */
export type OutgoingQuery = { afterNumber: number; minScore: number; minSeverity: SeverityLevel };
export type ChangedQuery = OutgoingQuery & { kind: OutputKind; afterChange: number };

export type Told = { number: number; severity: SeverityLevel };

export type OutputMethods = {
  list_outputs: { input: undefined; output: OutputRecord[] };
  /** `secret` undefined keeps the one there is. What is switched on begins with the alerts that come from now on. */
  set_output: { input: { settings: OutputSettings; secret?: string; actor: Actor }; output: undefined };
  /** In the order they were raised; `lastNumber`: everything up to it is among `alerts` or not for this output. */
  outgoing_alerts: {
    input: OutgoingQuery & { limit: number };
    output: { alerts: AlertRecord[]; lastNumber: number };
  };
  /**
   * Of the alerts up to `afterNumber` those that came up, or rose since they were sent, in the order of that; `lastChange` as `lastNumber`. Notes what a
   * threshold that was lowered shows.
   */
  changed_alerts: {
    input: ChangedQuery & { limit: number };
    output: { alerts: (AlertRecord & { wasTold: boolean })[]; lastChange: number };
  };
  count_outgoing: { input: ChangedQuery; output: number };
  /** `sent`: by number, with the severity that was told. */
  mark_sent: {
    input: { kind: OutputKind; afterNumber: number; afterChange: number; sent: readonly Told[]; now: Instant };
    output: undefined;
  };
};

type Row = {
  settings: string;
  secret: string | null;
  afterNumber: number;
  afterChange: number;
  sentCount: number;
  lastSentAt: number | null;
};

/** Folded and muted alerts are not told: the analyst's word holds outside the app, too. A decided one that still waits is. */
const isTold = `alert.state IN ('open', 'decided') AND alert.origin = 'detector' AND alert.score >= @minScore
  AND alert.severity >= @minSeverity`;
const isOutgoing = `alert.number > @afterNumber AND ${isTold}`;
const isChanged = `alert_change.number > @afterChange AND alert.number <= @afterNumber AND ${isTold}
  AND coalesce(output_told.severity, 0) < alert.severity`;
const changedFrom = `alert_change CROSS JOIN alert ON alert.number = alert_change.alert_number
  LEFT JOIN output_told ON output_told.alert_number = alert.number AND output_told.kind = @kind`;

export type Outputs = ReturnType<typeof prepareOutputs>;

export function prepareOutputs(db: Connection, parts: { alerts: Alerts; audit: Audit; rows: AlertRows }) {
  const { alerts, audit, rows } = parts;
  const list = db.prepare<[], Row>(
    `SELECT settings, secret, after_number AS afterNumber, after_change AS afterChange, sent_count AS sentCount, last_sent_at AS lastSentAt
     FROM output ORDER BY kind`,
  );
  const isOn = db.prepare<[OutputKind], number>(`SELECT coalesce(is_on, 0) FROM output WHERE kind = ?`).pluck();
  const put = db.prepare<{ kind: OutputKind; settings: string; secret: string | null; newest: number }>(
    `INSERT INTO output (kind, settings, secret, after_number) VALUES (@kind, @settings, @secret, @newest)
     ON CONFLICT (kind) DO UPDATE SET settings = excluded.settings, secret = coalesce(excluded.secret, secret)`,
  );
  const startFrom = db.prepare<{ kind: OutputKind; newest: number; newestChange: number }>(
    'UPDATE output SET after_number = @newest, after_change = @newestChange, min_score = NULL WHERE kind = @kind',
  );
  const newestChange = db
    .prepare<[], number>(`SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'alert_change'), 0)`)
    .pluck();
  const outgoing = db.prepare<OutgoingQuery & { limit: number }, AlertJoinRow>(
    `SELECT ${alertColumns} FROM alert NOT INDEXED ${alertJoins} WHERE ${isOutgoing} ORDER BY alert.number LIMIT @limit`,
  );
  const changed = db.prepare<
    ChangedQuery & { limit: number },
    { change: number; alertNumber: number; wasTold: number }
  >(
    `SELECT alert_change.number AS change, alert.number AS alertNumber, output_told.severity IS NOT NULL AS wasTold
     FROM ${changedFrom} WHERE ${isChanged} ORDER BY alert_change.number LIMIT @limit`,
  );
  const count = db.prepare<OutgoingQuery, number>(`SELECT count(*) FROM alert NOT INDEXED WHERE ${isOutgoing}`).pluck();
  const countChanged = db
    .prepare<ChangedQuery, number>(`SELECT count(*) FROM ${changedFrom} WHERE ${isChanged}`)
    .pluck();
  const lastThreshold = db.prepare<[OutputKind], number | null>('SELECT min_score FROM output WHERE kind = ?').pluck();
  const goBy = db.prepare<[number, OutputKind]>('UPDATE output SET min_score = ? WHERE kind = ?');
  const noteShown = db.prepare<{ from: number; below: number; afterNumber: number }>(
    `INSERT OR REPLACE INTO alert_change (alert_number)
     SELECT number FROM alert INDEXED BY alert__by_severity
     WHERE state = 'open' AND severity IN (1, 2, 3, 4, 5) AND score >= @from AND score < @below AND number <= @afterNumber
     ORDER BY number`,
  );
  const mark = db.prepare<{
    kind: OutputKind;
    afterNumber: number;
    afterChange: number;
    count: number;
    at: number | null;
  }>(
    `UPDATE output SET after_number = max(after_number, @afterNumber), after_change = max(after_change, @afterChange),
       sent_count = sent_count + @count, last_sent_at = coalesce(@at, last_sent_at) WHERE kind = @kind`,
  );
  const told = db.prepare<{ kind: OutputKind; sent: string }>(
    `INSERT OR REPLACE INTO output_told (alert_number, kind, severity)
     SELECT alert.number, @kind, sent.value ->> 'severity' FROM json_each(@sent) AS sent
     CROSS JOIN alert ON alert.number = sent.value ->> 'number'`,
  );
  const forgetChanges = db.prepare<[]>(
    'DELETE FROM alert_change WHERE number <= (SELECT min(after_change) FROM output WHERE is_on = 1)',
  );
  /** Goes by this threshold from now on; what it shows and the one before did not is a change. */
  const follow = ({ kind, minScore, afterNumber }: ChangedQuery): void => {
    const before = lastThreshold.get(kind) ?? null;
    if (before === minScore) return;
    inTransaction(db, () => {
      if (before !== null && minScore < before) noteShown.run({ from: minScore, below: before, afterNumber });
      goBy.run(minScore, kind);
    });
  };
  return {
    list: (): OutputRecord[] =>
      list.all().map(({ settings, ...row }) => ({ ...row, settings: JSON.parse(settings) as OutputSettings })),
    set: ({ settings, secret, actor }: OutputMethods['set_output']['input']): undefined => {
      inTransaction(db, () => {
        const { kind } = settings.target;
        const wasOn = isOn.get(kind) === 1;
        const newest = alerts.newest();
        put.run({ kind, settings: JSON.stringify(settings), secret: secret ?? null, newest });
        if (settings.isOn && !wasOn) startFrom.run({ kind, newest, newestChange: newestChange.get() ?? 0 });
        // The host alone: the path of a webhook is as good as a password.
        const { target } = settings;
        const to = 'url' in target ? new URL(target.url).host : `${target.host}:${target.port}`;
        const details = { to, isOn: settings.isOn, sendsLine: settings.sendsLine };
        audit.append({ action: 'output.set', subject: kind, details, actor });
      });
    },
    outgoing: (input: OutgoingQuery & { limit: number }): OutputMethods['outgoing_alerts']['output'] => {
      const newest = alerts.newest();
      const found = outgoing.all(input);
      const last = found.length < input.limit ? newest : (found.at(-1)?.number ?? newest);
      return { alerts: rows.toRecords(found), lastNumber: Math.max(last, input.afterNumber) };
    },
    changed: ({
      limit,
      ...query
    }: OutputMethods['changed_alerts']['input']): OutputMethods['changed_alerts']['output'] => {
      follow(query);
      const newest = newestChange.get() ?? 0;
      const found = changed.all({ ...query, limit });
      const records = alerts.byNumbers(found.map(({ alertNumber }) => alertNumber));
      const last = found.length < limit ? newest : (found.at(-1)?.change ?? newest);
      return {
        alerts: records.map((record, index) => ({ ...record, wasTold: found[index]?.wasTold === 1 })),
        lastChange: Math.max(last, query.afterChange),
      };
    },
    count: (input: ChangedQuery): number => (count.get(input) ?? 0) + (countChanged.get(input) ?? 0),
    markSent: ({ kind, afterNumber, afterChange, sent, now }: OutputMethods['mark_sent']['input']): undefined => {
      inTransaction(db, () => {
        told.run({ kind, sent: JSON.stringify(sent) });
        mark.run({ kind, afterNumber, afterChange, count: sent.length, at: sent.length > 0 ? now : null });
        forgetChanges.run();
      });
    },
  };
}
