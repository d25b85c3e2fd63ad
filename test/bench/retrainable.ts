/**
 * @file A workspace with a model of the made-up office that can be retrained: an alert for every event of a log, with scores and votes that are made
 * up, and verdicts on some of them.
 */
import Database from 'better-sqlite3';
import { dirname, join } from 'node:path';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { importLog, learnFrom, openApp, type TestApp } from '../helpers/app.ts';
import { writeOffice, type OfficeLog } from '../helpers/office.ts';

const learnedLines = 10_000;
const verdictsPerClass = 250;

/** The app over the workspace, which is open then; its logs lie beside it. `alerts`: as many as the log has events. */
export async function openRetrainable(workspace: string, lines: number): Promise<{ test: TestApp; alerts: number }> {
  const folder = dirname(workspace);
  const quiet = writeOffice(join(folder, 'quiet.log'), { lines: learnedLines, seed: 1, anomalyRate: 0 });
  const watched = writeOffice(join(folder, 'watched.log'), { lines, seed: 2, anomalyRate: 0.02 });
  const sourceId = await prepared(workspace, quiet, watched);
  const alerts = raiseAll(workspace, sourceId);
  const test = await openApp(workspace);
  await judge(test, watched, sourceId);
  return { test, alerts };
}

async function prepared(workspace: string, quiet: OfficeLog, watched: OfficeLog): Promise<number> {
  const test = await openApp(workspace);
  try {
    const job = await learnFrom(test, [await importLog(test, quiet.path)]);
    if (job.state !== 'done') throw new Error(job.error ?? job.state);
    return await importLog(test, watched.path);
  } finally {
    await test.close();
  }
}

/** An alert for each event of the source, most of them a little above or below the threshold. */
function raiseAll(workspace: string, sourceId: number): number {
  const db = new Database(workspacePaths(workspace).database);
  const { changes } = db.transaction(() => {
    db.exec(`INSERT INTO run (number, id, source_id, model_id, threshold_version, started_at, finished_at, event_count)
      SELECT 1, 'run-1', ${sourceId}, model.id, 1, 1, 1, 1 FROM model WHERE state = 'in_use'`);
    const raised = db
      .prepare(
        `INSERT INTO alert (number, id, run_number, source_id, event_id, session_id, last_event_id, score, bits, severity, reason, title,
           signature, template_id, entity_kind, entity_hash, event_count, at, raised_at)
         SELECT id, 'alert-' || id, 1, source_id, id, session_id, id, 2 + (id * 7919 % 300) / 100.0, 10, 3, 'order',
           'Events in an order not seen before', printf('%016x', id), template_id, 'host', session_id, 1, at, 1
         FROM event WHERE source_id = ?`,
      )
      .run(sourceId);
    db.exec(`INSERT INTO alert_evidence (alert_number, evidence)
      SELECT number, '{"votes":[{"detector":"key","score":3},{"detector":"ngram","score":2}],"culprits":[]}' FROM alert`);
    return raised;
  })();
  db.close();
  return changes;
}

async function judge(test: TestApp, watched: OfficeLog, sourceId: number): Promise<void> {
  const { services, teaching } = test.app.parts;
  const { eventIds, lineNumbers } = await services.store.call('read_keys', {
    sourceId,
    afterEventId: 0,
    limit: watched.lines.length,
  });
  const rows = [...eventIds.keys()];
  for (const wanted of [true, false]) {
    const own = rows.filter((row) => watched.isAnomaly[(lineNumbers[row] ?? 1) - 1] === wanted);
    const step = Math.max(1, Math.floor(own.length / verdictsPerClass));
    const chosen = own.filter((_, index) => index % step === 0).slice(0, verdictsPerClass);
    const ids = chosen.map((row) => `alert-${eventIds[row]}`);
    await teaching.give({
      selection: { kind: 'ids', ids },
      value: wanted ? 'true_positive' : 'false_positive_logic',
      note: '',
      isWide: false,
    });
  }
}
