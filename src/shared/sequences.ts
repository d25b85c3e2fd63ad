/** @file Token sequences as they cross ports: one flat array and its offsets, so that a million events are two buffers. */

/** Sequence i is `ids[offsets[i] .. offsets[i + 1])`; `offsets` has one entry more than there are sequences. */
export type SequenceSet = { ids: Int32Array; offsets: Int32Array };

/** Token ids every key model shares. Event ids start at `firstEventId`. They enter by position only, never from text. */
export const keyTokens = { padding: 0, begin: 1, end: 2, unseen: 3, firstEventId: 4 } as const;

export function packSequences(sequences: readonly (readonly number[] | Int32Array)[]): SequenceSet {
  const offsets = new Int32Array(sequences.length + 1);
  let total = 0;
  sequences.forEach((sequence, index) => {
    total += sequence.length;
    offsets[index + 1] = total;
  });
  const ids = new Int32Array(total);
  sequences.forEach((sequence, index) => ids.set(sequence, offsets[index] ?? 0));
  return { ids, offsets };
}
