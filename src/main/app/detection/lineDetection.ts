/** @file The line detectors of a model, opened from what each learned, and the text model that reads lines for them. */
import type { BpeTokenizer } from '../../../shared/bpe/tokenizer.ts';
import type { DetectorId } from '../../../shared/detectors.ts';
import type { LineDetector, LineScorer } from '../../detect/detector.ts';
import { lineDetectors } from '../../detect/lines/registry.ts';
import { createKeyedHash } from '../../text/keyedHash.ts';

/** The text model in use for lines: its files, and how it reads them. */
export type LineModel = { id: string; directory: string; tokenizer: BpeTokenizer };

export type LineDetection = {
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

/** Those that learned something, and can say something with what there is. */
export function openLineDetectors(
  learned: Partial<Record<DetectorId, unknown>>,
  { model, hashKey }: { model: LineModel | null; hashKey: Uint8Array },
): LineDetection {
  const secret = secretsOf(hashKey);
  const open = (lineDetectors as readonly LineDetector[]).filter(
    ({ id, needsTextModel }) => learned[id] !== undefined && (model !== null || !needsTextModel),
  );
  return {
    ids: open.map(({ id }) => id),
    scorers: open.map((detector) => detector.open(learned[detector.id], secret)),
    model,
  };
}
