/**
 * @file What outputs are set to, and how far each has got. What waits to be sent is the queue itself, from the alert after `after_number` on: it
 * is bounded by what the workspace holds, outlives a restart, and no text of a log is copied for it.
 */
import type { Instant, SeverityLevel } from '../../shared/domain.ts';
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
  sentCount: number;
  lastSentAt: Instant | null;
};

/** Which alerts an output takes. `minScore` is the threshold's. */
export type OutgoingQuery = { afterNumber: number; minScore: number; minSeverity: SeverityLevel };

export type OutputMethods = {
  list_outputs: { input: undefined; output: OutputRecord[] };
  /** `secret` undefined keeps the one there is. What is switched on begins with the alerts that come from now on. */
  set_output: { input: { settings: OutputSettings; secret?: string; actor: Actor }; output: undefined };
  /** In the order they were raised; `lastNumber`: everything up to it is among `alerts` or not for this output. */
  outgoing_alerts: {
    input: OutgoingQuery & { limit: number };
    output: { alerts: AlertRecord[]; lastNumber: number };
  };
  count_outgoing: { input: OutgoingQuery; output: number };
  mark_sent: { input: { kind: OutputKind; afterNumber: number; count: number; now: Instant }; output: undefined };
};

type Row = {
  settings: string;
  secret: string | null;
  afterNumber: number;
  sentCount: number;
  lastSentAt: number | null;
};

/** Folded and muted alerts are not told: the analyst's word holds outside the app, too. A decided one that still waits is. */
const isOutgoing = `alert.number > @afterNumber AND alert.state IN ('open', 'decided') AND alert.origin = 'detector'
  AND alert.score >= @minScore AND alert.severity >= @minSeverity`;

export type Outputs = ReturnType<typeof prepareOutputs>;

export function prepareOutputs(db: Connection, parts: { alerts: Alerts; audit: Audit; rows: AlertRows }) {
  const { alerts, audit, rows } = parts;
  const list = db.prepare<[], Row>(
    `SELECT settings, secret, after_number AS afterNumber, sent_count AS sentCount, last_sent_at AS lastSentAt
     FROM output ORDER BY kind`,
  );
  const isOn = db
    .prepare<[OutputKind], number>(`SELECT coalesce(settings ->> 'isOn', 0) FROM output WHERE kind = ?`)
    .pluck();
  const put = db.prepare<{ kind: OutputKind; settings: string; secret: string | null; newest: number }>(
    `INSERT INTO output (kind, settings, secret, after_number) VALUES (@kind, @settings, @secret, @newest)
     ON CONFLICT (kind) DO UPDATE SET settings = excluded.settings, secret = coalesce(excluded.secret, secret)`,
  );
  const startFrom = db.prepare<[number, OutputKind]>('UPDATE output SET after_number = ? WHERE kind = ?');
  const outgoing = db.prepare<OutgoingQuery & { limit: number }, AlertJoinRow>(
    `SELECT ${alertColumns} FROM alert NOT INDEXED ${alertJoins} WHERE ${isOutgoing} ORDER BY alert.number LIMIT @limit`,
  );
  const count = db.prepare<OutgoingQuery, number>(`SELECT count(*) FROM alert NOT INDEXED WHERE ${isOutgoing}`).pluck();
  const mark = db.prepare<{ kind: OutputKind; afterNumber: number; count: number; at: number | null }>(
    `UPDATE output SET after_number = max(after_number, @afterNumber), sent_count = sent_count + @count,
       last_sent_at = coalesce(@at, last_sent_at) WHERE kind = @kind`,
  );
  return {
    list: (): OutputRecord[] =>
      list.all().map(({ settings, ...row }) => ({ ...row, settings: JSON.parse(settings) as OutputSettings })),
    set: ({ settings, secret, actor }: OutputMethods['set_output']['input']): undefined => {
      inTransaction(db, () => {
        const { kind } = settings.target;
        const wasOn = isOn.get(kind) === 1;
        const newest = alerts.newest();
        put.run({ kind, settings: JSON.stringify(settings), secret: secret ?? null, newest });
        if (settings.isOn && !wasOn) startFrom.run(newest, kind);
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
    count: (input: OutgoingQuery): number => count.get(input) ?? 0,
    markSent: ({ kind, afterNumber, count: sent, now }: OutputMethods['mark_sent']['input']): undefined => {
      mark.run({ kind, afterNumber, count: sent, at: sent > 0 ? now : null });
    },
  };
}
