/**
 * @file The made-up office whose life changes honestly, through the app: learned while it is quiet; then a stretch that an analyst watches, and a
 * later one. Alerts far below any usual threshold are kept, so that figures can be had at any.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateOffice } from '../../../src/main/lab/office.ts';
import { importLog, learnFrom, scoreSources, type TestApp } from '../../helpers/app.ts';
import { readAlerts, type Part, type StreamAlert } from './stream.ts';

/** Thirteen days of honest change and attacks behind nine quiet ones. */
const office = { lines: 100_000, anomalyRate: 0.008, cleanUntil: 0.4, hasChanges: true };
const startAt = Date.UTC(2026, 8, 7);
/** Of what comes behind the quiet part, the share that the analyst watches. */
const watchedShare = 0.5;
/** More than any budget allows: what a budget may ask for at most is asked, so that as much as possible is kept. */
export const widest = { alerts: 1_000_000, per: '100k' } as const;
const calmLines = 20_000;
/** Lines of one attack lie no further from each other. */
const farthestLines = 30;

/** `calm`: the log as it would have gone on with neither change nor attack, to see what share of it alerts. */
export type LabStream = { alerts: StreamAlert[]; calmSourceId: number };

type Lines = readonly { text: string; label: string; kind: string }[];

export async function labStream(app: TestApp, workspace: string, folder: string, seed: number): Promise<LabStream> {
  const lines = [...generateOffice({ ...office, seed: 300 + seed, startAt })];
  const cut = Math.floor(office.lines * office.cleanUntil);
  const end = cut + Math.floor((lines.length - cut) * watchedShare);
  const calmly = { ...office, anomalyRate: 0, hasChanges: false };
  const calm = [...generateOffice({ ...calmly, seed: 300 + seed, startAt })].slice(cut, cut + calmLines);
  const parts: Record<Part, Lines> = { watched: lines.slice(cut, end), later: lines.slice(end) };
  const sourceOf = async (name: string, part: Lines): Promise<number> => {
    const path = join(folder, `${name}.log`);
    await writeFile(path, `${part.map(({ text }) => text).join('\n')}\n`);
    return importLog(app, path);
  };
  const learned = await learnFrom(app, [await sourceOf('quiet', lines.slice(0, cut))], seed);
  if (learned.state !== 'done') throw new Error(`Learning ended as ${learned.state}: ${learned.error}`);
  const watched = await sourceOf('watched', parts.watched);
  const later = await sourceOf('later', parts.later);
  await app.ask('thresholds.set_budget', { budget: widest });
  await scoreSources(app, [watched, later]);
  const attacks = attacksOf(parts);
  const alerts = readAlerts(workspace, (sourceId, line) => {
    const part = sourceId === watched ? 'watched' : sourceId === later ? 'later' : null;
    return part && { part, attack: attacks[part].get(line) ?? null };
  });
  return { alerts, calmSourceId: await sourceOf('calm', calm) };
}

/** Numbers of attacks, by line. */
function attacksOf(parts: Record<Part, Lines>): Record<Part, Map<number, number>> {
  let count = 0;
  const numbered = (lines: Lines): Map<number, number> => {
    const attacks = new Map<number, number>();
    const last = new Map<string, { line: number; attack: number }>();
    lines.forEach(({ label, kind }, index) => {
      if (label !== 'anomaly') return;
      const before = last.get(kind);
      const attack = before && index - before.line <= farthestLines ? before.attack : count++;
      last.set(kind, { line: index, attack });
      attacks.set(index + 1, attack);
    });
    return attacks;
  };
  return { watched: numbered(parts.watched), later: numbered(parts.later) };
}
