/** @file Values that a filter can be completed with: names that alerts of late have, kinds of line, owners, cases. */
import type { Owners } from './owners.ts';
import type { Connection, Input, Output } from './statements.ts';

/** Alerts of late that are looked through; older ones have the same names. */
const alertsLookedAt = 20_000;

export type AlertValues = ReturnType<typeof prepareAlertValues>;

export function prepareAlertValues(db: Connection, { owners }: { owners: Owners }) {
  type Row = Output<'alert_values'>[number];
  const late = `(SELECT event_id, source_id, template_id, entity_kind, detector FROM alert WHERE state <> 'sampled' ORDER BY number DESC LIMIT ${alertsLookedAt}) AS late`;
  const named = (column: string, condition: string) =>
    db.prepare<{ like: string; limit: number; kind: string }, Row>(
      `SELECT ${column} AS value, count(*) AS count FROM ${late} CROSS JOIN event ON event.id = late.event_id
       WHERE ${condition} AND ${column} LIKE @like ESCAPE '\\' GROUP BY ${column} ORDER BY count DESC, value LIMIT @limit`,
    );
  const hosts = named('event.host', '@kind IS NOT NULL');
  const entities = named('event.entity', "(late.entity_kind = @kind OR @kind = 'entity')");
  const sources = db.prepare<{ like: string; limit: number }, Row>(
    `SELECT source.name AS value, (SELECT count(*) FROM alert WHERE alert.source_id = source.id) AS count FROM source
     WHERE source.name LIKE @like ESCAPE '\\' ORDER BY count DESC, value LIMIT @limit`,
  );
  const templates = db.prepare<{ like: string; limit: number }, Row>(
    `SELECT 't' || late.template_id AS value, count(*) AS count FROM ${late}
     WHERE 't' || late.template_id LIKE @like ESCAPE '\\' GROUP BY late.template_id ORDER BY count DESC LIMIT @limit`,
  );
  const detectors = db.prepare<{ like: string; limit: number }, Row>(
    `SELECT late.detector AS value, count(*) AS count FROM ${late}
     WHERE late.detector LIKE @like ESCAPE '\\' GROUP BY late.detector ORDER BY count DESC, value LIMIT @limit`,
  );
  const cases = db.prepare<{ like: string; limit: number }, Row>(
    `SELECT 'C-' || number AS value, (
       SELECT count(DISTINCT alert_number) FROM case_file AS part CROSS JOIN case_alert ON case_alert.case_number = part.number
       WHERE part.root = case_file.number) AS count
     FROM case_file WHERE merged_into IS NULL AND 'C-' || number LIKE @like ESCAPE '\\' ORDER BY changed_by DESC LIMIT @limit`,
  );
  return {
    /** What begins with what was typed. */
    find: ({ field, typed, limit }: Input<'alert_values'>): Output<'alert_values'> => {
      const clean = typed.toWellFormed().replaceAll('\0', '');
      const like = `${clean.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')}%`;
      switch (field) {
        case 'source':
          return sources.all({ like, limit });
        case 'host':
          return hosts.all({ like, limit, kind: field });
        case 'user':
        case 'address':
        case 'process':
        case 'entity':
          return entities.all({ like, limit, kind: field });
        case 'template':
          return templates.all({ like, limit });
        case 'detector':
          return detectors.all({ like, limit });
        case 'case':
          return cases.all({ like, limit });
        case 'owner':
          return owners
            .known()
            .filter((name) => name.toLowerCase().startsWith(clean.toLowerCase()))
            .slice(0, limit)
            .map((value) => ({ value, count: 0 }));
        default:
          return [];
      }
    },
  };
}
