/** @file A workspace with any number of alerts, written as rows: what the workstation is measured on. Figures are made up; sizes are real. */
import Database from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { openStore } from '../../../src/main/store/open.ts';
import { workspacePaths } from '../../../src/main/store/paths.ts';

const start = Date.UTC(2026, 10, 1);
/** As long as evidence of a few culprits with five expectations each is. */
const evidenceChars = 600;
/** One event of so many characters stands first: it must open like any other. */
const longEventChars = 1_000_000;

/** More than verdicts that fold what is alike use up. */
const signatures = 4000;

/** Open alerts on 50 hosts; the first one's event is 1 MB long. */
export async function makeStore(directory: string, alerts: number): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const store = await openStore({
    directory,
    appVersion: 'bench',
    now: start,
    newWorkspaceId: 'bench',
    newHashKey: new Uint8Array(32).fill(7),
    userName: 'bench',
  });
  store.close();
  const db = new Database(workspacePaths(directory).database);
  db.pragma('foreign_keys = OFF');
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -524288');
  // Entries that are put in order once take a fraction of the time.
  const indexes = db
    .prepare<[], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('alert', 'event', 'session')`,
    )
    .all();
  const numbers = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${alerts})`;
  db.transaction(() => {
    for (const { name } of indexes) db.exec(`DROP INDEX "${name}"`);
    db.exec(`
      INSERT INTO source (id, name, format, state, size_bytes, imported_at, first_event_id, last_event_id, first_session_id,
        line_count, event_count, session_count, template_count, first_at, last_at, indexed_event_id)
      VALUES (1, 'auth.log', 'plain', 'ready', 1, ${start}, 1, ${alerts}, 1, ${alerts}, ${alerts}, ${alerts}, 400, ${start}, ${start}, ${alerts});
      UPDATE counter SET next = ${alerts + 1} WHERE name IN ('event', 'session', 'alert');
      UPDATE counter SET next = 2 WHERE name IN ('source', 'model');
      INSERT INTO model (number, id, state, created_at, directory, card, curve, files)
      VALUES (1, 'model-1', 'in_use', ${start}, 'models/model-1', '{"keys":"lines"}', '[]', '[]');
      INSERT INTO threshold (version, model_id, score, budget_score, reason, budget_alerts, budget_per, events_per_period,
        calibration_events, meaning, created_at, verdict_count)
      VALUES (1, 'model-1', 0, 0, 'learned', 20, 'day', 10000, 10000, 'Made for a bench.', ${start}, 0);
      INSERT INTO run (number, id, source_id, model_id, threshold_version, started_at, finished_at, event_count)
      VALUES (1, 'run-1', 1, 'model-1', 1, ${start}, ${start}, ${alerts});
      ${numbers} INSERT INTO template (id, content_hash, prefix_hash, tokens, count, is_frozen, example_event_id)
        SELECT i, printf('%016x', i), i, x'0000000000000000', 1, 1, i FROM n WHERE i <= 400;
      ${numbers} INSERT INTO session (id, source_id, entity_kind, entity_hash, first_event_id, last_event_id, event_count, is_open)
        SELECT i, 1, 'user', i % 300, i, i, 1, 0 FROM n;
      ${numbers} INSERT INTO event (id, source_id, line_number, at, template_id, session_id, host, entity, raw)
        SELECT i, 1, i, ${start} + i * 2000, i % 400 + 1, i, printf('host-%02d', i % 50), 'user' || (i % 300),
          'Nov 20 13:58:41 host-' || (i % 50) || ' sshd[' || (i % 999) || ']: Failed password for invalid user' || (i % 300)
            || ' from 10.0.' || (i % 250) || '.7 port ' || (i % 60000) || ' ssh2' FROM n;
      UPDATE event SET raw = substr(replace(hex(zeroblob(${longEventChars / 2})), '00', 'ab'), 1, ${longEventChars}) WHERE id = ${alerts};
      ${numbers} INSERT INTO alert (number, id, run_number, source_id, event_id, session_id, last_event_id, score, bits, severity, reason,
          title, signature, template_id, entity_kind, entity_hash, event_count, at, raised_at, fingerprint, actor, culprits)
        SELECT i, lower(hex(randomblob(16))), 1, 1, i, i, i, (i * 7919 % 600) / 100.0, 10 + i % 9,
          CASE WHEN i = ${alerts} THEN 5 WHEN i % 100 = 0 THEN 5 WHEN i % 20 = 0 THEN 4 ELSE i % 3 + 1 END, 'rare',
          CASE i % 4 WHEN 0 THEN 'A kind of line that is rare here' WHEN 1 THEN 'Events in an order not seen before'
            WHEN 2 THEN 'A session that ended early' ELSE 'A kind of line that was never seen in training' END,
          printf('%016x', i * 7919 % ${signatures}), i % 400 + 1, 'user', i % 300, 1, ${start} + i * 2000, ${start} + i * 2000,
          printf('%014x', i * 7919), printf('%014x', i % 300),
          '[[' || (i % 400) || ',0.6180339887498949],[' || (i % 397) || ',0.3819660112501051]]' FROM n;
      ${numbers} INSERT INTO alert_evidence (alert_number, evidence)
        SELECT i, '{"culprits":[{"eventId":' || i || ',"isEnd":false,"bits":12,"modelBits":12,"expected":[]}],"padding":"'
            || substr(hex(zeroblob(${evidenceChars})), 1, ${evidenceChars}) || '"}' FROM n;
      UPDATE alert SET score = 9 WHERE number = ${alerts};`);
    for (const { sql } of indexes) db.exec(sql);
    // No ANALYZE: the app makes no statistics, and with some that were made before the first verdict each verdict walks through all open alerts.
    db.exec(`INSERT INTO event_text (event_text) VALUES ('rebuild')`);
  })();
  db.pragma('journal_mode = WAL');
  db.close();
}
