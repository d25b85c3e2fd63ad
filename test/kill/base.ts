/** @file The workspaces that a campaign starts from: one that has learned and scored, and one of the first schema. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import Database from 'better-sqlite3';
import { generateOffice } from '../../src/main/lab/office.ts';
import { defaultLayout, type ReportTemplate } from '../../src/shared/report.ts';
import { initial } from '../../src/main/store/migrations/0010-initial.ts';
import { workspacePaths } from '../../src/main/store/paths.ts';
import { openInput } from '../store/rows.ts';
import type { Serving } from '../helpers/serving.ts';
import { reading } from './checks.ts';
import type { How } from './killed.ts';
import { serve, sleep } from './victim.ts';
import type { Job } from '../../src/shared/jobs.ts';

const startAt = Date.UTC(2026, 8, 7);
/** "SURP". */
const applicationId = 0x53555250;
export const oldEvents = 20_000;

export type Base = {
  workspace: string;
  quietId: number;
  watchedId: number;
  caseId: string;
  /** How long each kind of work takes when nobody kills it. */
  tookMs: Record<'start' | 'import' | 'learn' | 'score' | 'attach', number>;
  /** Of the weights that learning the quiet log ends with. */
  weights: string;
  /** Event and score of every alert of the watched log, by the model of those weights. */
  alerts: ReadonlyMap<number, Found>;
};

/** Two reports by it differ in nothing but when they were made. */
export const withoutAudit: ReportTemplate = {
  ...{ id: 'without-audit', name: 'Without audit' },
  layout: defaultLayout.filter(({ id }) => id !== 'audit'),
};

/** Of what attaching is timed with. */
const attachedBytes = 6_000_000;

export function officeLines(lines: number, seed: number, anomalyRate = 0): string[] {
  return [...generateOffice({ lines, seed, anomalyRate, startAt })].map(({ text }) => text);
}

/** Waits until nothing runs, and gives the jobs as they ended. */
export async function settled(serving: Serving): Promise<Job[]> {
  for (;;) {
    const jobs = await serving.ask('jobs.list', {});
    if (jobs.every(({ state }) => state !== 'running')) return jobs;
    await sleep(50);
  }
}

export async function importText(serving: Serving, name: string, lines: readonly string[]): Promise<number> {
  const { token } = await serving.upload(name, `${lines.join('\n')}\n`);
  const { jobId } = await serving.ask('sources.import', { token, thenScore: false });
  const job = (await settled(serving)).find(({ id }) => id === jobId);
  if (job?.state !== 'done') throw new Error(`${name} was not read: ${job?.error}`);
  return job.sourceIds[0] ?? 0;
}

export async function done(serving: Serving, starting: Promise<{ jobId: string }>): Promise<number> {
  const startedMs = Date.now();
  const { jobId } = await starting;
  const job = (await settled(serving)).find(({ id }) => id === jobId);
  if (job?.state !== 'done') throw new Error(`Not done: ${job?.error}`);
  return Date.now() - startedMs;
}

/** Hash of the weights of the model in use. */
export function weightsInUse(workspace: string): string {
  const id = reading(workspace, (db) =>
    db.prepare<[], string>(`SELECT id FROM model WHERE state = 'in_use'`).pluck().get(),
  );
  return weightsOf(workspace, id ?? '');
}

export function weightsOf(workspace: string, modelId: string): string {
  const files = reading(workspace, (db) =>
    db.prepare<[string], string>('SELECT files FROM model WHERE id = ?').pluck().get(modelId),
  );
  const found = JSON.parse(files ?? '[]') as { name: string; sha256: string }[];
  return found.find(({ name }) => name === 'weights.safetensors')?.sha256 ?? '';
}

/** Bits are of the model alone, while verdicts move the score. */
export type Found = { bits: number; score: number };

export function alertsOf(workspace: string, sourceId: number): Map<number, Found> {
  return reading(
    workspace,
    (db) =>
      new Map(
        db
          .prepare<[number], Found & { eventId: number }>(
            `SELECT event_id AS eventId, bits, coalesce(own_score, score) AS score FROM alert WHERE source_id = ? AND origin = 'detector'`,
          )
          .all(sourceId)
          .map(({ eventId, ...found }) => [eventId, found]),
      ),
  );
}

export async function makeBase(workspace: string, how: How): Promise<Base> {
  const beganMs = Date.now();
  const serving = await serve(workspace, how);
  const startMs = Date.now() - beganMs;
  try {
    const quietId = await importText(serving, 'quiet.log', officeLines(500, 1));
    await done(serving, serving.ask('learn.start', { sourceIds: [quietId] }));
    const importedMs = Date.now();
    const watchedId = await importText(serving, 'watched.log', officeLines(6000, 2, 0.03));
    const importMs = Date.now() - importedMs;
    const learnMs = await done(serving, serving.ask('learn.start', { sourceIds: [quietId] }));
    const scoreMs = await done(serving, serving.ask('score.start', { sourceIds: [watchedId] }));
    const { rows } = await serving.ask('alerts.list', { tab: 'open', limit: 20 });
    const { id: caseId } = await serving.ask('cases.create', {
      title: 'Of the base',
      alertIds: rows.map(({ id }) => id),
    });
    await serving.ask('reports.set_templates', { templates: [withoutAudit] });
    const { token } = await serving.upload('of the base.bin', Buffer.alloc(attachedBytes, 'of the base '));
    const attachingMs = Date.now();
    await serving.ask('cases.attach', { caseId, token });
    const attachMs = Date.now() - attachingMs;
    await serving.kill();
    return {
      ...{ workspace, quietId, watchedId, caseId },
      tookMs: { start: startMs, import: importMs, learn: learnMs, score: scoreMs, attach: attachMs },
      weights: weightsInUse(workspace),
      alerts: alertsOf(workspace, watchedId),
    };
  } finally {
    await serving.kill();
  }
}

/** A workspace as the first version would have left it, with one log. */
export function makeOldWorkspace(workspace: string): void {
  const paths = workspacePaths(workspace);
  for (const directory of [paths.directory, paths.backups, paths.models]) mkdirSync(directory, { recursive: true });
  const db = new Database(paths.database);
  db.pragma('journal_mode = WAL');
  db.pragma(`application_id = ${applicationId}`);
  db.transaction(() => {
    initial.apply(db);
    db.pragma(`user_version = ${initial.version}`);
    const { newWorkspaceId, newHashKey, now, userName } = openInput(workspace);
    const created = [1, now, userName, 'workspace.created', newWorkspaceId, '{}'];
    const noHash = Buffer.alloc(32);
    db.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
      ...created,
      noHash,
      createHash('sha256')
        .update(JSON.stringify([noHash.toString('hex'), ...created]))
        .digest(),
    );
    db.prepare('INSERT INTO workspace (id, hash_key, created_at) VALUES (?, ?, ?)').run(
      newWorkspaceId,
      newHashKey,
      now,
    );
    for (const [key, value] of [
      ['name', 'old'],
      ['analyst', userName],
    ])
      db.prepare('INSERT INTO setting (key, value) VALUES (?, ?)').run(key, JSON.stringify(value));
    db.prepare(
      `INSERT INTO source (id, name, format, state, size_bytes, sha256, imported_at, first_event_id, last_event_id, first_session_id,
         line_count, event_count, session_count, template_count)
       VALUES (1, 'old.log', 'plain', 'ready', 1, ?, ?, 1, @events, 1, @events, @events, 1, 1)`.replaceAll(
        '@events',
        String(oldEvents),
      ),
    ).run(createHash('sha256').update('old').digest('hex'), now);
    const insert = db.prepare(
      'INSERT INTO event (id, source_id, line_number, template_id, session_id, raw) VALUES (?, 1, ?, 1, 1, ?)',
    );
    for (let id = 1; id <= oldEvents; id++) insert.run(id, id, `a line of old, number ${id}`);
    db.prepare(
      `INSERT INTO session (id, source_id, entity_kind, entity_hash, first_event_id, last_event_id, event_count, is_open)
       VALUES (1, 1, 'source', 0, 1, ?, ?, 1)`,
    ).run(oldEvents, oldEvents);
    db.prepare(
      `INSERT INTO template (id, content_hash, prefix_hash, tokens, count, is_frozen, example_event_id)
       VALUES (1, 'old', 1, ?, ?, 0, 1)`,
    ).run(Buffer.alloc(8), oldEvents);
    db.exec(`UPDATE counter SET next = ${oldEvents + 1} WHERE name = 'event'`);
    db.exec(`UPDATE counter SET next = 2 WHERE name IN ('source', 'session')`);
  })();
  db.close();
}
