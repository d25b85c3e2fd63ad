/** @file The normal events that a retraining replays: the part that the model trained on, without what is under an open alert or a threat. */
import { keyTokens } from '../../../shared/sequences.ts';
import { learnedPieces, type CutTable } from '../../learn/dataset.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';

/** Pieces of a context's length; more would not be drawn. */
const mostPieces = 20_000;

/** Sequences of the sessions' parts that trained, cut to the context; evenly thinned where they are too many. */
export function replaySequences(cut: readonly CutTable[], vocabulary: Vocabulary, contextLength: number): number[][] {
  const pieces: number[][] = [];
  const end = (piece: number[]): void => {
    if (piece.length > 1) pieces.push(piece);
  };
  for (const { table, cuts, doubt } of cut) {
    for (const { rows, begins, ends } of learnedPieces(table, doubt, 0, cuts.trainingEnd)) {
      let piece: number[] = begins ? [keyTokens.begin] : [];
      rows.forEach((row, place) => {
        piece.push(vocabulary.idOf(table.templateIndexes[row] ?? 0, table.severities[row] ?? -1));
        if (ends && place === rows.length - 1) piece.push(keyTokens.end);
        if (piece.length <= contextLength) return;
        end(piece);
        // The last token is given to the next piece.
        piece = piece.slice(-1);
      });
      end(piece);
    }
  }
  if (pieces.length <= mostPieces) return pieces;
  const step = pieces.length / mostPieces;
  return Array.from({ length: mostPieces }, (_, i) => pieces[Math.floor(i * step)] ?? []);
}
