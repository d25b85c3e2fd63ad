/**
 * @file What learning leaves out, because nobody may take it for normal: which alerts stand over the logs when a job begins. Kept beside its checkpoints,
 * so that a later start of the app, before which verdicts came, goes on with the same.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { LeftOut } from '../../shared/models.ts';
import { rowDoubt } from '../../shared/rowDoubt.ts';
import type { Client } from '../../shared/port.ts';
import type { CutTable } from '../learn/dataset.ts';
import type { Doubt, SourceAlerts } from '../learn/doubt.ts';
import type { StoreMethods } from '../store/protocol.ts';
import { checkpointDirectory } from './modelFolders.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';
import { writeWhole } from './wholeFile.ts';
import { counted } from './words.ts';

/** Over logs; `sources` in the order in which they were asked for. `shownFrom`: -log10 p from which on alerts are shown. JSON: ids and numbers. */
export type StandingAlerts = { shownFrom: number; sources: SourceAlerts[] };

/** Few enough that an analyst who asks for an alert does not notice that the store reads others in between. */
const alertsPerCall = 250;
const file = 'alerts.json';

/** As an earlier start of the app kept them for the job that makes this model, or as they are now. */
export async function standingAlerts(
  services: Services,
  { modelId, sourceIds }: { modelId: string | null; sourceIds: readonly number[] },
  signal: AbortSignal,
): Promise<StandingAlerts> {
  const kept = modelId === null ? null : await keptAlerts(services, modelId);
  if (kept) return kept;
  const shownFrom = (await currentThreshold(services))?.score ?? 0;
  const sources: SourceAlerts[] = [];
  for (const id of sourceIds) sources.push(await readAlerts(services.store, id, shownFrom, signal));
  return { shownFrom, sources };
}

/** A file that is damaged is none: what was made by it does not fit what is read anew, and the trainer begins again and says so. */
async function keptAlerts(services: Services, modelId: string): Promise<StandingAlerts | null> {
  try {
    return JSON.parse(await readFile(join(checkpointDirectory(services, modelId), file), 'utf8')) as StandingAlerts;
  } catch {
    return null;
  }
}

/**
 * Before anything is made by them; the model's checkpoints take it with them when they go. Written once: by how new the files there are it is told how far
 * a job came.
 */
export async function keepAlerts(services: Services, modelId: string, alerts: StandingAlerts): Promise<void> {
  if (await keptAlerts(services, modelId)) return;
  const directory = checkpointDirectory(services, modelId);
  await mkdir(directory, { recursive: true });
  await writeWhole(join(directory, file), JSON.stringify(alerts));
}

/** `shownFrom`: Infinity for those alone that were decided. */
export async function readAlerts(
  store: Client<StoreMethods>,
  sourceId: number,
  shownFrom: number,
  signal: AbortSignal,
): Promise<SourceAlerts> {
  const alerts: SourceAlerts = { sessionIds: [], eventIds: [], firstEventIds: [], lastEventIds: [], said: [] };
  for (let after = { eventId: 0, number: 0 }; ;) {
    const input = { sourceId, minScore: shownFrom, after, limit: alertsPerCall };
    const page = await store.call('read_log_alerts', input, { signal });
    for (const { sessionId, eventId, firstEventId, lastEventId, said } of page) {
      alerts.sessionIds.push(sessionId);
      alerts.eventIds.push(eventId);
      alerts.firstEventIds.push(firstEventId);
      alerts.lastEventIds.push(lastEventId);
      alerts.said.push(said);
    }
    const last = page.at(-1);
    if (!last || page.length < alertsPerCall) return alerts;
    after = last;
  }
}

/** Null where nothing is. */
export function leftOutOf(doubts: readonly Doubt[]): LeftOut | null {
  const sum = (of: (doubt: Doubt) => number): number => doubts.reduce((total, doubt) => total + of(doubt), 0);
  const lines = sum((doubt) => doubt.lines);
  return lines === 0
    ? null
    : { lines, undecided: sum(({ undecided }) => undecided), threats: sum(({ threats }) => threats) };
}

/** Throws BAD_INPUT where too little is left to learn from, or nothing of one of the parts that a log is cut into. */
export function checkWhatIsLeft(
  cut: readonly (Pick<CutTable, 'cuts'> & { doubt: Pick<Doubt, 'marks'> })[],
  least: number,
  leftOut: LeftOut | null,
): void {
  if (leftOut === null) return;
  const left = (of: (one: (typeof cut)[number]) => Uint8Array): number =>
    cut.reduce((sum, one) => sum + certain(of(one)), 0);
  const parts = [
    left(({ doubt, cuts }) => doubt.marks.subarray(0, cuts.trainingEnd)),
    left(({ doubt, cuts }) => doubt.marks.subarray(cuts.trainingEnd, cuts.validationEnd)),
    left(({ doubt, cuts }) => doubt.marks.subarray(cuts.validationEnd)),
  ];
  if (parts.every((count) => count > 0) && left(({ doubt }) => doubt.marks) >= least) return;
  throw new AppError(
    'BAD_INPUT',
    `Too little is left to learn from: ${leftOutText(leftOut)} Decide these alerts first, or learn from a log with fewer.`,
  );
}

/** In one sentence. */
export function leftOutText(leftOut: LeftOut): string {
  return `${underAlerts(leftOut)}, with what led to them and came of them, ${leftOut.lines === 1 ? 'was' : 'were'} left out.`;
}

export function underAlerts({ lines, undecided, threats }: LeftOut): string {
  const under = [
    ...(undecided > 0 ? [`${counted(undecided, 'alert')} that nobody decided`] : []),
    ...(threats > 0 ? [counted(threats, 'confirmed threat')] : []),
  ];
  return `${counted(lines, 'line')} under ${under.join(' and ')}`;
}

function certain(marks: Uint8Array): number {
  return marks.reduce((count, mark) => count + (mark === rowDoubt.none ? 1 : 0), 0);
}
