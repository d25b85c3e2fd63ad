/** @file The line detectors of a model, opened from what each learned, and the text model that reads lines for them. */
import type { BpeTokenizer } from '../../../shared/bpe/tokenizer.ts';
import type { DetectorId } from '../../../shared/detectors.ts';
import type { LineDetector, LineScorer } from '../../detect/detector.ts';
import { lineDetectors } from '../../detect/lines/registry.ts';
import type { TextState } from '../../detect/lines/text.ts';
import { createKeyedHash } from '../../text/keyedHash.ts';

/** A text model that reads lines: its files, and how it reads them. */
export type LineModel = { id: string; directory: string; tokenizer: BpeTokenizer };

/** What line detectors learned, by id. JSON. */
export type LearnedLines = Partial<Record<DetectorId, unknown>>;

export type LineDetection = {
  learned: LearnedLines;
  /** Of the columns. */
  ids: readonly DetectorId[];
  scorers: readonly LineScorer[];
  model: LineModel | null;
};

/** Numbers that only this workspace has. */
export function secretsOf(hashKey: Uint8Array): (name: string) => number {
  const keyedHash = createKeyedHash(hashKey);
  return (name) => keyedHash(`\0lines ${name}`);
}

/** The text model whose bits the p-values are of; null where none read lines when it was calibrated. */
export function textModelOf(learned: LearnedLines): string | null {
  return (learned.text as TextState | undefined)?.textModelId ?? null;
}

/** Those that learned something, and can say something: without its own text model, only those that need none. */
export function openLineDetectors(
  learned: LearnedLines,
  { model, hashKey }: { model: LineModel | null; hashKey: Uint8Array },
): LineDetection {
  const reads = model !== null && model.id === textModelOf(learned) ? model : null;
  const context = { secret: secretsOf(hashKey), textModelId: reads?.id ?? null };
  const open = (lineDetectors as readonly LineDetector[]).filter(
    ({ id, needsTextModel }) => learned[id] !== undefined && (reads !== null || !needsTextModel),
  );
  return {
    learned,
    ids: open.map(({ id }) => id),
    scorers: open.map((detector) => detector.open(learned[detector.id], context)),
    model: reads,
  };
}
