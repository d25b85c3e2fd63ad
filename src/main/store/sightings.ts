/** @file Where else a text stands: lines that have it, in which logs, how many of them alerted, and in which cases those are. */
import type { Input, Output, Connection } from './statements.ts';
import { ftsPhrase } from './search.ts';

/** More lines than this are "more than". */
const mostLines = 1000;
/** Among so many of the newest lines alerts are looked for: a name that every line has is nearly in all of them. */
const mostWalked = 100_000;

export type Sightings = ReturnType<typeof prepareSightings>;

export function prepareSightings(db: Connection) {
  // The phrase finds the parts in order, whatever stands between them; instr holds them to be written so.
  const find = db.prepare<
    { query: string; text: string },
    { lineCount: number; logCount: number; alertCount: number; cases: string }
  >(
    `WITH line AS MATERIALIZED (
       SELECT event.id, event.source_id FROM event_text
       CROSS JOIN event ON event.id = event_text.rowid CROSS JOIN source ON source.id = event.source_id
       WHERE event_text MATCH @query AND source.state <> 'removing' AND instr(lower(event.raw), lower(@text)) > 0
       LIMIT ${mostLines + 1}),
     alerted AS MATERIALIZED (
       SELECT alert.number FROM (SELECT rowid AS id FROM event_text WHERE event_text MATCH @query ORDER BY rowid DESC LIMIT ${mostWalked}) AS newest
       CROSS JOIN alert ON alert.event_id = newest.id AND alert.origin = 'detector'
       CROSS JOIN event ON event.id = newest.id CROSS JOIN source ON source.id = event.source_id
       WHERE source.state <> 'removing' AND instr(lower(event.raw), lower(@text)) > 0 LIMIT ${mostLines + 1})
     SELECT count(*) AS lineCount, count(DISTINCT source_id) AS logCount,
       (SELECT count(*) FROM alerted) AS alertCount,
       (SELECT json_group_array(root) FROM (
          SELECT DISTINCT case_file.root FROM alerted CROSS JOIN case_alert ON case_alert.alert_number = alerted.number
          CROSS JOIN case_file ON case_file.number = case_alert.case_number ORDER BY case_file.root)) AS cases
     FROM line`,
  );
  return {
    find: ({ text, caseNumber }: Input<'find_sightings'>): Output<'find_sightings'> => {
      const query = ftsPhrase(text);
      const found = query === null ? undefined : find.get({ query, text: text.replaceAll('\0', ' ') });
      if (!found) return null;
      const { lineCount, logCount, alertCount, cases } = found;
      return {
        lineCount: Math.min(lineCount, mostLines),
        isMore: lineCount > mostLines,
        logCount,
        alertCount,
        caseNumbers: (JSON.parse(cases) as number[]).filter((number) => number !== caseNumber),
      };
    },
  };
}
