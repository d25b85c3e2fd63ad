/** @file The product's way: the lines are a log that is imported, a text model is trained on it, and its line detectors score another log. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { learnLines } from '../../../src/main/app/detection/learnLines.ts';
import { openLineDetectors } from '../../../src/main/app/detection/lineDetection.ts';
import { LineScores } from '../../../src/main/app/detection/lineScores.ts';
import { openServices, type Services } from '../../../src/main/app/services.ts';
import { importFile } from '../../../src/main/app/importFile.ts';
import { openTextModel } from '../../../src/main/app/textModels.ts';
import { trainText } from '../../../src/main/app/training/trainText.ts';
import { fitCalibration, minusLog10P } from '../../../src/main/detect/calibration.ts';
import type { LineDetection } from '../../../src/main/app/detection/lineDetection.ts';
import { createNodeHost } from '../../../src/main/host/nodeHost.ts';
import { cutRows } from '../../../src/main/learn/dataset.ts';
import { readStreamPages } from '../../../src/main/learn/keyTable.ts';
import { unwatchedJob } from '../../helpers/job.ts';
import type { TextTask } from './tasks.ts';

export type LineColumns = { calibration: Float64Array; test: Float64Array };
export type ProductRun = {
  /** `text`, `trigram`, and `fused`, the smaller of their two p-values. */
  arms: Record<string, LineColumns>;
  trainingSeconds: number;
  tokens: number;
  epochs: number;
};

type Line = { eventId: number; lineHash: number };

/** `work`: an empty folder. Test lines are the normal ones, then the attacks. */
export async function runProduct(task: TextTask, work: string, seed: number): Promise<ProductRun> {
  const { signal } = new AbortController();
  const services = await openServices(createNodeHost('bench'), join(work, 'workspace'));
  try {
    const learned = await importLines(services, work, `learned.${task.extension}`, task.learned, signal);
    const test = await importLines(
      services,
      work,
      `test.${task.extension}`,
      [...task.normals, ...task.attacks.map(({ text }) => text)],
      signal,
    );
    const modelId = services.host.newId();
    const startMs = performance.now();
    const plan = { kind: 'text', name: 'bench', reads: 'lines' } as const;
    await mkdir(join(work, 'workspace', 'models', modelId), { recursive: true });
    await trainText(services, { modelId, sourceIds: [learned.sourceId], plan, seed, provider: 'cpu' }, unwatchedJob());
    const trainingSeconds = (performance.now() - startMs) / 1000;
    const { card, directory, tokenizer } = await openTextModel(services, modelId, signal);
    const { hashKey } = services.opened;
    const { trainingEnd, validationEnd } = cutRows(learned.events.length);
    const what = await learnLines(
      services.store,
      { hashKey, textModelId: modelId },
      [pageOf(learned.events.slice(0, trainingEnd))],
      signal,
    );
    const detection = openLineDetectors(what, { model: { id: modelId, directory, tokenizer }, hashKey });
    const scores = new LineScores({ store: services.store, engine: services.engine() }, detection);
    const held = await scores.score(pageOf(learned.events.slice(validationEnd)), signal);
    const judged = await scores.score(pageOf(test.lines), signal);
    return {
      arms: armsOf(detection, held, judged),
      trainingSeconds,
      tokens: tokenizer.vocabularySize,
      epochs: 'epochs' in card ? card.epochs : 0,
    };
  } finally {
    await services.close();
  }
}

function armsOf({ ids }: LineDetection, held: Float32Array[], judged: Float32Array[]): Record<string, LineColumns> {
  const arms: Record<string, LineColumns> = {};
  ids.forEach((id, i) => {
    arms[id] = { calibration: Float64Array.from(held[i] ?? []), test: Float64Array.from(judged[i] ?? []) };
  });
  const calibrations = held.map((column) => fitCalibration(Float64Array.from(column)));
  const fuse = (columns: readonly Float32Array[]): Float64Array =>
    Float64Array.from(columns[0] ?? [], (_, row) =>
      Math.max(...calibrations.map((calibration, i) => minusLog10P(calibration, columns[i]?.[row] ?? Number.NaN))),
    );
  arms['fused'] = { calibration: fuse(held), test: fuse(judged) };
  return arms;
}

/** Events of the log in order, and of each line the event that it is in. */
async function importLines(
  services: Services,
  work: string,
  name: string,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<{ sourceId: number; events: Line[]; lines: Line[] }> {
  const path = join(work, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  const format = name.endsWith('.txt') || !/^\S+ \S+ \S+ \[/.test(lines[0] ?? '') ? 'plain' : 'combined';
  const { sourceId } = await importFile(services, { path, name, format }, unwatchedJob());
  const events: Line[] = [];
  for await (const { eventIds, lineHashes } of readStreamPages(services.store, sourceId, signal))
    eventIds.forEach((eventId, row) => events.push({ eventId, lineHash: lineHashes[row] ?? 0 }));
  const rows = await services.store.call('read_rows', { sourceId, firstRow: 0, limit: events.length, maxChars: 1 });
  const placed: Line[] = [];
  rows.forEach(({ lineNumber }, row) => {
    const next = rows[row + 1]?.lineNumber ?? lines.length + 1;
    for (let line = lineNumber; line < next; line++) placed.push(events[row] ?? { eventId: 0, lineHash: 0 });
  });
  return { sourceId, events, lines: placed };
}

function pageOf(lines: readonly Line[]): { eventIds: Float64Array; lineHashes: Float64Array } {
  return {
    eventIds: Float64Array.from(lines, ({ eventId }) => eventId),
    lineHashes: Float64Array.from(lines, ({ lineHash }) => lineHash),
  };
}
