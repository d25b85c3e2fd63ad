/** @file Sessions that come as sequences of event ids, one a line: learned and scored as whole sessions. */
import { basename } from 'node:path';
import type { Budget } from '../../shared/domain.ts';
import { packSequences, keyTokens } from '../../shared/sequences.ts';
import { minusLog10P } from '../detect/calibration.ts';
import { groupBySession, type KeyTable } from '../learn/keyTable.ts';
import { scoredSessions, type ScoredSession } from '../learn/dataset.ts';
import type { NewAlert } from '../store/protocol.ts';
import { findKnown, importInput, progressUpdate } from './importFile.ts';
import type { ImportMethods } from './importProtocol.ts';
import type { JobContext } from './jobs.ts';
import { kindOf, surpriseOf } from './keyModel.ts';
import { learnFromTables } from './learn.ts';
import { alertBuilder, type EventSurprise, type ScoreContext } from './newAlert.ts';
import { keptBelowThreshold } from './score.ts';
import type { Services } from './services.ts';

type Imported = { sourceId: number; table: KeyTable; firstLine: number; lineCount: number };

export async function importSequences(services: Services, path: string, job: JobContext): Promise<Imported> {
  const importer = await services.importer();
  const startedAt = services.host.now();
  const found = await findKnown(services, path, (format) => format === 'sequences');
  const known = found && { sourceId: found.sourceId, nextEventId: await firstEventId(services, found.sourceId) };
  const input = await importInput(services, { path, name: basename(path), format: null });
  const output = await importer.call(
    'import_sequences',
    { ...input, known: known ?? null },
    {
      signal: job.cancelled,
      onProgress: (progress) => job.update(progressUpdate(progress, startedAt, services.host.now())),
    },
  );
  const { sourceId, firstLine, lineCount } = output;
  return { sourceId, table: tableOf(output), firstLine, lineCount };
}

async function firstEventId(services: Services, sourceId: number): Promise<number> {
  const page = await services.store.call('read_keys', { sourceId, afterEventId: 0, limit: 1 });
  return page.eventIds[0] ?? 1;
}

/** Every id is an event of its line; every line is a session that was seen to end. */
function tableOf({ sequences, eventIds, lineNumbers: lines }: ImportMethods['import_sequences']['output']): KeyTable {
  const { ids, offsets } = sequences;
  const sessionIds = new Float64Array(ids.length);
  const ofToken = new Float64Array(ids.length);
  const lineNumbers = new Int32Array(ids.length);
  for (let session = 0; session + 1 < offsets.length; session++) {
    const start = offsets[session] ?? 0;
    const end = offsets[session + 1] ?? 0;
    sessionIds.fill(session + 1, start, end);
    ofToken.fill(eventIds[session] ?? 0, start, end);
    lineNumbers.fill(lines[session] ?? 0, start, end);
  }
  return {
    eventIds: ofToken,
    lineNumbers,
    at: new Float64Array(ids.length).fill(Number.NaN),
    severities: new Int8Array(ids.length).fill(-1),
    templateIndexes: ids,
    sessionIds,
    sessions: groupBySession(sessionIds, new Map(Array.from(sessionIds, (id) => [id, 0]))),
  };
}

export async function learnSequences(
  services: Services,
  input: { modelId: string; paths: string[]; budget?: Budget | undefined; seed?: number | undefined },
  job: JobContext,
): Promise<string> {
  const tables = [];
  const sourceIds: number[] = [];
  let lineCount = 0;
  for (const path of input.paths) {
    const imported = await importSequences(services, path, job);
    tables.push({ name: basename(path), table: imported.table });
    sourceIds.push(imported.sourceId);
    lineCount += imported.lineCount;
  }
  return learnFromTables(
    services,
    {
      modelId: input.modelId,
      sourceIds,
      budget: input.budget,
      seed: input.seed,
      tables,
      keys: 'sequences',
      lineCount,
      durationMs: null,
      span: { firstAt: null, lastAt: null },
    },
    job,
  );
}

export type ScoredSequence = { line: number; bits: number; score: number; templateIndex: number };

/** One score per line: the session's largest surprise, its end included. Lines without an id have no entry. */
export async function scoreSequences(
  services: Services,
  path: string,
  context: ScoreContext,
  job: JobContext,
): Promise<{ firstLine: number; lineCount: number; scored: ScoredSequence[]; alertCount: number }> {
  const { store, host } = services;
  const { model, threshold } = context;
  const startedAt = host.now();
  const { sourceId, table, firstLine, lineCount } = await importSequences(services, path, job);
  const templates = new Map(
    (await store.call('list_templates', undefined)).map((template) => [template.index, template]),
  );
  const sessions = [...scoredSessions(table, model.vocabulary)];
  const packed = packSequences(sessions.map(({ ids }) => ids));
  job.update({ step: 'scoring', share: null });
  const { bits: surprise, graph } = await surpriseOf(
    services.engine(),
    model,
    packed,
    (sequence, position) =>
      kindOf(templates.get(table.templateIndexes[sessions[sequence]?.rows[position - 1] ?? 0] ?? -1), -1),
    job.signal,
  );
  const { sessionCalibration } = model.calibrations[graph];
  const build = alertBuilder(services, context, templates);
  const alerts: NewAlert[] = [];
  const [source] = await store.call('read_lines', { sourceId, afterLine: 0, limit: 1, maxChars: 0 });
  const scored = sessions.map((session, index): ScoredSequence => {
    const start = packed.offsets[index] ?? 0;
    const surprises = surprisesOf(table, session, surprise.subarray(start + 1, start + session.ids.length), (bits) =>
      minusLog10P(sessionCalibration, bits),
    );
    const top = surprises.reduce((best, one) => (one.bits > best.bits ? one : best));
    const row = session.rows[top.position] ?? 0;
    const kept = surprises.filter(({ score }) => score >= threshold.score - keptBelowThreshold);
    // A session is one line here: whatever surprised in it is one alert.
    if (kept.length > 0 && source)
      alerts.push(build({ id: source.sessionId, entityKind: 'source', entityHash: 0 }, { surprises: kept, top }));
    return {
      line: table.lineNumbers[row] ?? 0,
      bits: top.bits,
      score: top.score,
      templateIndex: table.templateIndexes[row] ?? 0,
    };
  });
  await store.call('replace_run', {
    runId: host.newId(),
    sourceId,
    modelId: model.id,
    thresholdVersion: threshold.version,
    startedAt,
    finishedAt: host.now(),
    eventCount: sessions.length,
    alerts,
    actor: await services.actor(),
  });
  return {
    firstLine,
    lineCount,
    scored,
    alertCount: scored.filter(({ score }) => score >= threshold.score).length,
  };
}

function surprisesOf(
  table: KeyTable,
  session: ScoredSession,
  bits: Float32Array,
  scoreOf: (bits: number) => number,
): EventSurprise[] {
  return Array.from(bits, (value, index): EventSurprise => {
    const isEnd = session.ids[index + 1] === keyTokens.end;
    const position = isEnd ? index - 1 : index;
    const row = session.rows[position] ?? 0;
    return {
      ...{ position, isEnd, bits: value, score: scoreOf(value) },
      eventId: table.eventIds[row] ?? 0,
      templateIndex: table.templateIndexes[row] ?? 0,
      severity: table.severities[row] ?? -1,
      tokenId: session.ids[position + 1] ?? keyTokens.unseen,
      at: table.at[row] ?? NaN,
    };
  });
}
