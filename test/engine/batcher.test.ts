/** @file Which pieces go through a model together: nobody waits behind a large request, nobody starves, no batch is too large. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../src/shared/errors.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { Batcher, setBits, type BatchedModel, type Piece } from '../../src/main/engine/batcher.ts';
import { PieceCache } from '../../src/main/engine/pieceCache.ts';
import { scoreSequences } from '../../src/main/engine/score.ts';
import { randomModel, tinyShape } from '../trainer/models.ts';
import { LoadedModel } from '../../src/main/engine/model.ts';
import { openSession } from '../../src/main/engine/session.ts';

const shape = { layers: 1, heads: 1, width: 1, contextLength: 64, vocabularySize: 100 };
const quiet = { signal: new AbortController().signal, onBits: () => undefined };

/** A model whose log-probability of a target is minus its id, and which lets other work in while it runs. */
class SlowModel implements BatchedModel {
  readonly shape = shape;
  readonly cache = new PieceCache({ mostPieces: 0, mostTokens: 0 });
  readonly batchTokens = 64;
  readonly batcher: Batcher = new Batcher(this, (pieces) => setBits(this, pieces));
  /** First ids of the pieces of each batch. */
  readonly batches: number[][] = [];
  whileRunning: (batch: number) => void = () => undefined;

  async logProbabilities(ids: BigInt64Array, targets: BigInt64Array, B: number, T: number): Promise<Float32Array> {
    this.batches.push(Array.from({ length: B }, (_, row) => Number(ids[row * T])));
    this.whileRunning(this.batches.length);
    await new Promise(setImmediate);
    return Float32Array.from(targets, (target) => -Number(target));
  }
}

let piecesMade = 0;

/** `first` tells whose it is. */
function pieces(first: number, count: number, length = 17): Piece[] {
  return Array.from({ length: count }, () => {
    const ids = new Int32Array(length).fill(5);
    ids[0] = first;
    return { key: `${piecesMade++}`, ids, bits: undefined, sequencesEnded: 1 };
  });
}

test('what comes while a large request runs is in the next batch, and the large one goes on after it (minutes of waiting)', async () => {
  const model = new SlowModel();
  let small: Promise<number> | undefined;
  model.whileRunning = (batch) => {
    if (batch === 3) small = model.batcher.run(pieces(2, 1, 40), quiet).then(() => model.batches.length);
  };
  await model.batcher.run(pieces(1, 40), quiet);
  expect(await small).toBe(4);
  expect(model.batches.flat().filter((first) => first === 1)).toHaveLength(40);
});

test('requests of like length share a batch', async () => {
  const model = new SlowModel();
  await Promise.all([1, 2, 3, 4, 5].map((first) => model.batcher.run(pieces(first, 1), quiet)));
  expect(model.batches).toEqual([[1], [2, 3, 4, 5]]);
});

test('a stream of small requests does not starve a large one', async () => {
  const model = new SlowModel();
  let isLargeDone = false;
  model.whileRunning = () => {
    if (!isLargeDone) for (let i = 0; i < 3; i++) void model.batcher.run(pieces(2, 1, 40), quiet);
  };
  await model.batcher.run(pieces(1, 40), quiet).then(() => (isLargeDone = true));
  expect(model.batches.length).toBeLessThan(30);
});

test('a cancelled request leaves the others alone, and what waits of it is not computed', async () => {
  const model = new SlowModel();
  const abort = new AbortController();
  model.whileRunning = (batch) => batch === 2 && abort.abort();
  const cancelled = model.batcher.run(pieces(1, 400), { ...quiet, signal: abort.signal });
  const other = model.batcher.run(pieces(2, 8), quiet);
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  await other;
  expect(model.batches.flat().length).toBeLessThan(20);
});

test('a model that fails fails the requests of its batch, and the next ones are tried', async () => {
  const model = new SlowModel();
  model.whileRunning = (batch) => {
    if (batch === 1) throw new AppError('PROVIDER_FAILED', 'lost');
  };
  const failed = model.batcher.run(pieces(1, 40), quiet);
  const other = model.batcher.run(pieces(2, 1), quiet);
  await expect(failed).rejects.toMatchObject({ code: 'PROVIDER_FAILED' });
  await other;
  expect(model.batches).toHaveLength(2);
});

test('a request whose listener throws is refused with what it threw, and the next ones go on (a model that hangs for ever)', async () => {
  const model = new SlowModel();
  const onBits = (): void => {
    throw new Error('gone');
  };
  const failed = model.batcher.run(pieces(1, 40), { ...quiet, onBits });
  const other = model.batcher.run(pieces(2, 1), quiet);
  await expect(failed).rejects.toThrow('gone');
  await other;
});

test('every piece of any requests gets its own bits, and no batch is larger than the model wants', async () => {
  const lengths = fc.array(fc.integer({ min: 2, max: 65 }), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(lengths, { minLength: 1, maxLength: 4 }), async (requests) => {
      const model = new SlowModel();
      let largest = 0;
      const { logProbabilities } = model;
      model.logProbabilities = (ids, targets, B, T) => {
        if (B > 1) largest = Math.max(largest, B * T);
        return logProbabilities.call(model, ids, targets, B, T);
      };
      const made = requests.map((list, first) =>
        list.flatMap((length) => {
          const [piece] = pieces(first, 1, length);
          return piece ? [piece] : [];
        }),
      );
      await Promise.all(made.map((list) => model.batcher.run(list, quiet)));
      for (const { ids, bits } of made.flat())
        expect([...(bits ?? [])].map((value) => Math.round(value * Math.LN2))).toEqual([0, ...ids.subarray(1)]);
      expect(largest).toBeLessThanOrEqual(model.batchTokens);
    }),
    { numRuns: 60 },
  );
});

test('a memory that forgets gives the bits that none gives: sessions of any length, also beyond the context', async () => {
  const directory = await randomModel(tinyShape, 1);
  const loaded = await LoadedModel.load({ directory, shape: tinyShape }, { intraOpThreads: 1, openSession });
  const withCache = (mostPieces: number, mostTokens: number): Parameters<typeof scoreSequences>[0] => {
    const model = {
      ...{ shape: tinyShape, batchTokens: 64, cache: new PieceCache({ mostPieces, mostTokens }) },
      logProbabilities: loaded.logProbabilities.bind(loaded),
    };
    return { ...model, batcher: new Batcher(model, (pieces) => setBits(model, pieces)) };
  };
  const [large, small, none] = [withCache(1000, 100_000), withCache(4, 60), withCache(0, 0)];
  const ids = fc.integer({ min: 3, max: 5 }); // few, so that pieces come again
  const context = { signal: quiet.signal, progress: () => undefined };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(ids, { maxLength: 30 }), { maxLength: 12 }), async (lists) => {
      const set = packSequences(lists);
      const { bits: expected } = await scoreSequences(none, set, context);
      for (const model of [large, small]) {
        const first = await scoreSequences(model, set, context);
        const again = await scoreSequences(model, set, context);
        expect(again.bits).toEqual(first.bits); // to the bit
        first.bits.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
      }
    }),
    { numRuns: 60 },
  );
  expect(small.cache.tokenCount).toBeLessThanOrEqual(60);
  await loaded.retire();
});
