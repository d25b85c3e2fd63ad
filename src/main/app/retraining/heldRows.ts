/** @file What a model's detectors say of the events that were held back from training, as scoring has it. */
import { packSequences } from '../../../shared/sequences.ts';
import { scoredSessions } from '../../learn/dataset.ts';
import { HeldBack, type HeldRows, type HeldSession } from '../detection/heldBack.ts';
import type { TablePages } from '../detection/tablePages.ts';
import { kindOf, surpriseBy, type KeyModel } from '../keyModel.ts';
import type { Services } from '../services.ts';
import type { Material } from './material.ts';

export async function heldRowsOf(
  services: Services,
  model: KeyModel,
  { material, pages }: { material: Pick<Material, 'cut' | 'templates'>; pages: readonly TablePages[] | null },
  signal: AbortSignal,
): Promise<HeldRows> {
  const { cut, templates } = material;
  const held = cut.flatMap((one) =>
    [...scoredSessions(one.table, model.vocabulary)]
      .filter(({ rows }) => (rows.at(-1) ?? 0) >= one.cuts.validationEnd)
      .map((session) => ({ cut: one, session })),
  );
  const sequences = packSequences(held.map(({ session }) => session.ids));
  const kindAt = (sequence: number, position: number): ReturnType<typeof kindOf> => {
    const { cut: of, session } = held[sequence] ?? {};
    const row = session?.rows[position - 1] ?? 0;
    return kindOf(templates.get(of?.table.templateIndexes[row] ?? 0), of?.table.severities[row] ?? -1);
  };
  const { graph: _, ...tokens } = await surpriseBy(
    services.engine(),
    { model, detection: model.detection },
    sequences,
    kindAt,
    signal,
  );
  const sessions = held.map((one, index): HeldSession => ({ ...one, start: sequences.offsets[index] ?? 0 }));
  const { set, readLines } = model.detection;
  const lines = readLines(cut.reduce((sum, { table }) => sum + table.eventIds.length, 0));
  const heldBack = await HeldBack.of(cut, { set, lines, vocabulary: model.vocabulary }, pages, signal);
  return heldBack.rows(sessions, tokens, false);
}
