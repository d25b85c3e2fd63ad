/** @file The loss of held-out pieces, on whatever backend trains. */
import type { Backend } from './backend.ts';
import { cutBatches, fillBatch, sortByLength } from './batches.ts';
import type { PieceSet } from './pieces.ts';

/** Mean bits per prediction over `pieces`, each weighing as often as it occurs, times what its targets weigh. `between` is awaited between batches and may throw. */
export async function meanBits(
  backend: Pick<Backend, 'loss'>,
  pieces: PieceSet,
  batchTokens: number,
  between: () => Promise<void>,
): Promise<number> {
  const weights = Float64Array.from(pieces.counts);
  const order = sortByLength(Int32Array.from(pieces.counts.keys()), pieces);
  let [nats, weight] = [0, 0];
  for (const batch of cutBatches(order, pieces, batchTokens)) {
    await between();
    const arrays = fillBatch(pieces, batch, weights);
    if (pieces.targetWeights) weight = arrays.weights.reduce((sum, value) => sum + value, weight);
    nats += await backend.loss(batch, arrays);
  }
  return nats / (pieces.targetWeights ? weight : pieces.predictions) / Math.LN2;
}
