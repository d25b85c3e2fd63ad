/** @file Sessions that come as sequences of event ids, one a line: learned and scored as whole sessions. */
import { basename } from 'node:path';
import type { DetectorId } from '../../shared/detectors.ts';
import { packSequences, keyTokens } from '../../shared/sequences.ts';
import { scoresWithin, type SessionPartView, type TokenScores } from '../detect/detector.ts';
import { SampleReservoir } from '../detect/sampling.ts';
import { groupBySession, kindKey, type KeyTable } from '../learn/keyTable.ts';
import { scoredSessions, type ScoredSession } from '../learn/dataset.ts';
import type { NewAlert } from '../store/protocol/alerts.ts';
import { SessionJudge } from './detection/sessionJudge.ts';
import { findKnown, importInput, progressUpdate } from './importFile.ts';
import type { ImportMethods } from './importProtocol.ts';
import type { JobContext } from './jobs.ts';
import { keptScore } from './detection/byPreset.ts';
import { kindOf, surpriseBy } from './keyModel.ts';
import { learnFromTables, type LearnInput } from './learn.ts';
import { readAlertLines } from './actors.ts';
import {
  alertBuilder,
  sampledEvents,
  samplingSeed,
  strongestOf,
  type DrawnEvent,
  type EventSurprise,
  type ScoreContext,
} from './newAlert.ts';
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
  input: Omit<LearnInput, 'sourceIds'> & { paths: string[] },
  job: JobContext,
): Promise<string> {
  const { paths, ...asked } = input;
  const tables = [];
  const sourceIds: number[] = [];
  let lineCount = 0;
  for (const path of paths) {
    const imported = await importSequences(services, path, job);
    const { sourceId, table } = imported;
    tables.push({ sourceId, name: basename(path), format: 'sequences' as const, table });
    sourceIds.push(imported.sourceId);
    lineCount += imported.lineCount;
  }
  return learnFromTables(
    services,
    {
      ...asked,
      sourceIds,
      tables,
      keys: 'sequences',
      lineCount,
      durationMs: null,
      span: { firstAt: null, lastAt: null },
    },
    job,
  );
}

/** `detector`: of one that alerts, that with the smallest p-value. */
export type ScoredSequence = {
  line: number;
  bits: number;
  score: number;
  templateIndex: number;
  detector: DetectorId | null;
};

/** One score per line: of the session's largest surprise, its end included, and what else its detectors say. Lines without an id have no entry. */
export async function scoreSequences(
  services: Services,
  path: string,
  context: ScoreContext,
  job: JobContext,
): Promise<{ firstLine: number; lineCount: number; scored: ScoredSequence[]; alertCount: number }> {
  const { store, host } = services;
  const { model, threshold, detection } = context;
  const leastKept = keptScore(threshold);
  const startedAt = host.now();
  const { sourceId, table, firstLine, lineCount } = await importSequences(services, path, job);
  const templates = new Map(
    (await store.call('list_templates', undefined)).map((template) => [template.index, template]),
  );
  const sessions = [...scoredSessions(table, model.vocabulary)];
  const packed = packSequences(sessions.map(({ ids }) => ids));
  job.update({ step: 'scoring', share: null });
  const { graph, ...tokens } = await surpriseBy(
    services.engine(),
    context,
    packed,
    (sequence, position) =>
      kindOf(templates.get(table.templateIndexes[sessions[sequence]?.rows[position - 1] ?? 0] ?? -1), -1),
    job.signal,
  );
  const judging = new SessionJudge(detection, graph);
  const build = alertBuilder(services, context);
  const alerts: NewAlert[] = [];
  const samples = new SampleReservoir<DrawnEvent>(samplingSeed(services));
  let overCount = 0;
  const [source] = await store.call('read_lines', { sourceId, afterLine: 0, limit: 1, maxChars: 0 });
  const scored = sessions.map((session, index): ScoredSequence => {
    const start = packed.offsets[index] ?? 0;
    const end = start + session.ids.length;
    const view = viewOf(table, session, scoresWithin(tokens, start, end));
    const { judged, score, votes, rule, eventScoreOf, strongest } = judging.judge(view);
    const surpriseAt = (position: number, own: number): EventSurprise => {
      const row = session.rows[position] ?? 0;
      return {
        ...{ position, isEnd: judged.isEnd(position), bits: judged.bitsOf(position), score: own, votes, rule },
        eventId: table.eventIds[row] ?? 0,
        templateIndex: table.templateIndexes[row] ?? 0,
        severity: table.severities[row] ?? -1,
        tokenId: session.ids[position + 1] ?? keyTokens.unseen,
        at: table.at[row] ?? NaN,
        perplexity: judged.perplexityOf(session.rows.length - 1),
      };
    };
    const top = surpriseAt(strongest, score);
    const owner = { id: source?.sessionId ?? 0, entityKind: 'source' as const, entityHash: 0 };
    if (score >= threshold.score) overCount++;
    else samples.offer(top.eventId, score, () => ({ session: owner, surprise: top }));
    // A session is one line here: whatever surprised in it is one alert.
    if (score >= leastKept && source) {
      const surprises = Array.from(session.rows, (_row, position) => {
        if (position === strongest) return top;
        const own = eventScoreOf(position);
        return own >= leastKept ? surpriseAt(position, own) : null;
      }).filter((one) => one !== null);
      alerts.push(build(owner, { surprises, top }));
    }
    const row = session.rows[strongest] ?? 0;
    return {
      line: table.lineNumbers[row] ?? 0,
      bits: session.rows.reduce((most, _row, position) => Math.max(most, judged.bitsOf(position)), 0),
      score,
      templateIndex: table.templateIndexes[row] ?? 0,
      detector: score >= threshold.score ? strongestOf(votes) : null,
    };
  });
  const sampled = sampledEvents(build, samples.finish());
  await readAlertLines(services, [...alerts, ...sampled.map(({ alert }) => alert)], model);
  await store.call('replace_run', {
    runId: host.newId(),
    sourceId,
    modelId: model.id,
    thresholdVersion: threshold.version,
    startedAt,
    finishedAt: host.now(),
    eventCount: sessions.length,
    overCount,
    // Sessions of ids have no order in time.
    drift: null,
    alerts,
    samples: sampled,
    actor: await services.actor(),
  });
  return {
    firstLine,
    lineCount,
    scored,
    alertCount: overCount,
  };
}

/** The whole of it, as detectors see it. */
function viewOf(table: KeyTable, { ids, rows, hasEnd }: ScoredSession, tokens: TokenScores): SessionPartView {
  const kinds = Array.from(rows, (row) => kindKey(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1));
  const place = { first: 1, count: rows.length, firstEvent: 0 };
  return { ids: Int32Array.from(ids), ...tokens, ...place, kinds, hasEnd, isLast: true };
}
