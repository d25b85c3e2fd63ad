/** @file One round of the soak: everything an analyst does with a log, and the way back, so that a round leaves next to nothing behind. */
import { generateOffice } from '../../src/main/lab/office.ts';
import { AppError } from '../../src/shared/errors.ts';
import type { Job } from '../../src/shared/jobs.ts';
import type { Serving } from '../helpers/serving.ts';

const startAt = Date.UTC(2026, 8, 7);
const quietLines = 1500;
const watchedLines = 2000;
const alertsLookedAt = 6;
const pollMs = 50;
/** A model learns in every such round; in the others an earlier one may be taken up again. */
const learnEvery = 10;
/** The log of every such round stays, as logs do whose alerts were decided. */
const keepEvery = 20;

const textOf = (lines: number, seed: number, anomalyRate: number): string =>
  [...generateOffice({ lines, seed, anomalyRate, startAt })].map(({ text }) => `${text}\n`).join('');

async function ended({ ask }: Serving, jobId: string): Promise<Job> {
  for (;;) {
    const job = (await ask('jobs.list', {})).find(({ id }) => id === jobId);
    if (!job) throw new Error('A job has gone without an end.');
    if (job.state === 'done') return job;
    if (job.state !== 'running') throw new Error(`${job.kind} of ${job.subject}: ${job.error ?? job.state}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

async function importText(serving: Serving, name: string, text: string, thenScore: boolean): Promise<number> {
  const { token } = await serving.upload(name, text);
  await serving.ask('files.preview', { token });
  const { jobId } = await serving.ask('sources.import', { token, thenScore });
  const [sourceId] = (await ended(serving, jobId)).sourceIds;
  if (sourceId === undefined) throw new Error(`${name} has no source.`);
  return sourceId;
}

/** The log that models learn from. */
export function openQuietLog(serving: Serving): Promise<number> {
  return importText(serving, 'quiet.log', textOf(quietLines, 1, 0), false);
}

async function swapModel({ ask, ...serving }: Serving, round: number, quietId: number): Promise<void> {
  if (round % learnEvery === 0) {
    const { jobId } = await ask('learn.start', { sourceIds: [quietId], seed: round + 1 });
    await ended({ ask, ...serving }, jobId);
  } else if (round % 3 === 0) {
    const kept = (await ask('models.list', {})).filter(({ state }) => state === 'kept');
    const other = kept[round % Math.max(1, kept.length)];
    if (other) await ask('models.use', { modelId: other.id });
  }
}

/** Verdicts on the first alerts of the queue, some taken back and given again; gives how many are in force at the end. */
async function triage({ ask }: Serving, alertIds: readonly string[]): Promise<number> {
  let given = 0;
  for (const [index, alertId] of alertIds.entries()) {
    await ask('alerts.get', { alertId });
    await ask('alerts.context', { alertId, lines: 50 });
    const value = index % 2 === 0 ? 'false_positive_logic' : 'true_positive';
    await ask('verdicts.give', { alertId, value, note: `Looked at in round ${index}.` });
    given++;
    if (index % 3 !== 2) continue;
    await ask('actions.undo', {});
    await ask('actions.redo', {});
  }
  return given;
}

async function reportOn({ ask }: Serving, round: number, alertIds: string[]): Promise<void> {
  const { id: caseId } = await ask('cases.create', { title: `Round ${round}`, alertIds });
  await ask('cases.add_note', { caseId, text: 'Written by the soak.' });
  await ask('cases.get', { caseId });
  for (const format of ['html', 'csv'] as const) await ask('reports.export', { caseId, format });
  await ask('cases.remove_alerts', { caseId, alertIds });
  await ask('cases.update', { caseId, state: 'closed', closing: 'undetermined' });
}

/** Throws where the app refuses what it should not. */
export async function workOneRound(serving: Serving, round: number, quietId: number): Promise<void> {
  const { ask } = serving;
  await swapModel(serving, round, quietId);
  const name = `round-${round}.log`;
  const sourceId = await importText(serving, name, textOf(watchedLines, round + 2, 0.02), true);
  const open = await ask('alerts.list', { tab: 'open' });
  const ids = open.rows.filter(({ sourceName }) => sourceName === name).map(({ id }) => id);
  const given = await triage(serving, ids.slice(0, alertsLookedAt));
  await ask('alerts.list', { tab: 'decided', filter: 'sshd', order: 'time' });
  await ask('logs.search', { text: 'Accepted password', afterEventId: 0, limit: 100 });
  for (const afterLine of [0, 700, 1500]) await ask('logs.read', { sourceId, afterLine, limit: 200 });
  await reportOn(serving, round, ids.slice(0, 3));
  const { jobId } = await ask('score.start', { sourceIds: [sourceId] });
  await ended(serving, jobId);
  for (const route of ['status.get', 'thresholds.list', 'cases.list', 'sources.list'] as const) await ask(route, {});
  if (round % keepEvery === keepEvery - 1) return;
  for (let left = given; left > 0; left--) await ask('actions.undo', {});
  await removeLog(serving, sourceId);
}

/** A log with a decided alert stays: scoring it with another model may have left one. */
async function removeLog({ ask }: Serving, sourceId: number): Promise<void> {
  try {
    await ask('sources.delete', { sourceId });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'CONFLICT') throw error;
    process.stdout.write(`Kept: ${error.message}\n`);
  }
}
