/**
 * @file Retraining on 500 verdicts, and the replay of every event of a log as a stored alert, over the made-up office. Scores and votes of the alerts are
 * made up, their windows are those of the log.
 */
import Database from 'better-sqlite3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayAlerts } from '../../src/main/app/retraining/replay.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { importLog, learnFrom, openApp, type TestApp } from '../helpers/app.ts';
import { writeOffice, type OfficeLog } from '../helpers/office.ts';
import type { Figures } from './main.ts';

const learnedLines = 10_000;
const verdictsPerClass = 250;

export async function benchRetrain(lines: number): Promise<Figures> {
  const work = await mkdtemp(join(tmpdir(), 'surprisal-retrain-'));
  const workspace = join(work, 'workspace');
  try {
    const quiet = writeOffice(join(work, 'quiet.log'), { lines: learnedLines, seed: 1, anomalyRate: 0 });
    const watched = writeOffice(join(work, 'watched.log'), { lines, seed: 2, anomalyRate: 0.02 });
    const sourceId = await prepared(workspace, quiet, watched);
    const alerts = raiseAll(workspace, sourceId);
    const test = await openApp(workspace);
    try {
      await judge(test, watched, sourceId);
      const startedAt = performance.now();
      const { finished } = await test.app.parts.work.startRetraining();
      const job = await finished;
      if (job.state !== 'done') throw new Error(job.error ?? job.state);
      const seconds = (performance.now() - startedAt) / 1000;
      const [retraining] = await test.ask('retrain.list', {});
      if (!retraining) throw new Error('Nothing was proposed.');
      const { report } = retraining;
      const replayed = await replayAgain(test, retraining.modelId);
      const adopting = performance.now();
      await test.app.parts.proposals.adopt(retraining.modelId, retraining.overrideSentence);
      const adopted = performance.now();
      await test.app.parts.proposals.rollBack();
      const figureOf = (id: string): number => report.checks.find((check) => check.id === id)?.after.value ?? NaN;
      return {
        alerts,
        distinct_windows: report.replay.distinctWindows,
        replay_seconds: report.replay.elapsedMs / 1000,
        ...replayed,
        verdicts: report.learned.threats + report.learned.harmless + report.heldOut.threats + report.heldOut.harmless,
        retraining_seconds: seconds,
        adopt_seconds: (adopted - adopting) / 1000,
        roll_back_seconds: (performance.now() - adopted) / 1000,
        reward_before: report.epochs[0]?.reward ?? NaN,
        reward_after: report.epochs[report.keptEpoch]?.reward ?? NaN,
        normal_bits_before: report.checks.find(({ id }) => id === 'likelihood')?.before?.value ?? NaN,
        normal_bits_after: figureOf('likelihood'),
        false_alarm_rate_at_1_percent: figureOf('false_alarms'),
        rank_correlation: figureOf('ranks'),
      };
    } finally {
      await test.close();
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Apart from all else, with the processor time of all threads. */
async function replayAgain({ app }: TestApp, modelId: string): Promise<Figures> {
  const { services, models } = app.parts;
  const model = await models.of(modelId);
  if (!model) throw new Error('The model is gone.');
  const templates = await services.store.call('list_templates', undefined);
  const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
  await replayAlerts(services, model, {
    templates: new Map(templates.map((template) => [template.index, template])),
    decidedOnly: false,
    version: { taught: null, budgetScore: 0 },
    signal: new AbortController().signal,
    onAlert: () => undefined,
  });
  const { user, system } = process.cpuUsage(cpu);
  return {
    replay_again_seconds: (performance.now() - startedAt) / 1000,
    replay_again_processor_seconds: (user + system) / 1e6,
  };
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
