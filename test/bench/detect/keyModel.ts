/** @file A key model trained as learning trains it, and what it says of sessions: bits by the app's engine, and the rank of each event. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../../src/main/engine/engine.ts';
import { openSession } from '../../../src/main/engine/session.ts';
import { planWindows } from '../../../src/main/engine/windows.ts';
import { taughtNewsShare } from '../../../src/shared/news.ts';
import { alignRecipe, keyLearningRates, keyModelShapes, keyTraining, topKOf } from '../../../src/shared/recipes.ts';
import { keyTokens, packSequences } from '../../../src/shared/sequences.ts';
import type { KeyModelShape, TrainInput } from '../../../src/shared/trainerProtocol.ts';
import { alignModel } from '../../../trainer/align/align.ts';
import { AlignModel } from '../../../trainer/align/model.ts';
import { exportModel } from '../../../trainer/files/export.ts';
import { trainModel } from '../../../trainer/train/train.ts';
import { Transferred } from '../../../src/shared/port.ts';

export type Sequences = readonly Int32Array[];
/** What the trainer is given beside data and shape. */
export type Training = Pick<TrainInput, 'recipe' | 'unseenRate' | 'maxEpochs'>;
export type KeyModel = { shape: KeyModelShape; parameters: Float32Array };

const intraOpThreads = availableParallelism();
const context = { signal: new AbortController().signal, progress: () => undefined };

export async function trainKeyModel(
  data: { training: Sequences; validation: Sequences; vocabularySize: number },
  seed: number,
  training: Partial<Training> = {},
): Promise<KeyModel> {
  const shape = { ...keyModelShapes.key_s, vocabularySize: data.vocabularySize };
  const { parameters } = await trainModel(
    {
      directory: '',
      ...keyTraining,
      unseenRate: taughtNewsShare(countsOf(data.training, data.vocabularySize)),
      ...training,
      learningRate: keyLearningRates.key_s,
      training: packSequences(data.training),
      validation: packSequences(data.validation),
      shape,
      seed,
      intraOpThreads,
      checkpoint: null,
    },
    context,
  );
  return { shape, parameters };
}

/** Events by kind. */
function countsOf(sequences: Sequences, vocabularySize: number): Float64Array {
  const counts = new Float64Array(vocabularySize);
  for (const ids of sequences) for (const id of ids) counts[id] = (counts[id] ?? 0) + 1;
  return counts.subarray(keyTokens.firstEventId);
}

/** After LogGPT's stage of reward. */
export async function alignByTopK(model: KeyModel, training: Sequences, seed: number): Promise<KeyModel> {
  const { shape } = model;
  return inFolder(async (folder) => {
    await exportModel(folder, shape, model.parameters);
    const { epochs, batchSequences, learningRate } = alignRecipe;
    const { parameters } = await alignModel(
      {
        ...{ directory: '', shape, seed, intraOpThreads, checkpoint: null, epochs, batchSequences },
        learningRate: learningRate.trainedHere,
        startWeights: join(folder, 'weights.safetensors'),
        replay: packSequences(training),
        objective: { kind: 'top_k', k: topKOf(shape) },
      },
      context,
    );
    return { shape, parameters };
  });
}

/** Bits of each token of each sequence, 0 for the first. */
export async function bitsOf({ shape, parameters }: KeyModel, sequences: Sequences): Promise<Float32Array[]> {
  return inFolder(async (directory) => {
    await exportModel(directory, shape, parameters);
    const engine = createEngine({ intraOpThreads, openSession });
    await engine.load({ modelId: 'bench', directory, shape }, context);
    const packed = packSequences(sequences);
    const answer = await engine.score({ modelId: 'bench', sequences: packed }, context);
    const { bits } = answer instanceof Transferred ? answer.value : answer;
    await engine.unload({ modelId: 'bench' }, context);
    return sequences.map((_, i) => bits.slice(packed.offsets[i], packed.offsets[i + 1]));
  });
}

/** How many tokens were more probable than the least expected one of each sequence, in the windows that the engine reads. */
export async function largestRanksOf({ shape, parameters }: KeyModel, sequences: Sequences): Promise<Float64Array> {
  const largest = new Float64Array(sequences.length);
  const owners: { sequence: number; skipped: number }[] = [];
  const windows = sequences.flatMap((ids, sequence) =>
    planWindows(ids.length, shape.contextLength).map(({ start, end, firstScored }) => {
      owners.push({ sequence, skipped: firstScored - start - 1 });
      return ids.subarray(start, end);
    }),
  );
  const { ids, offsets } = packSequences(windows);
  const counts = new Int32Array(windows.length).fill(1);
  const pieces = { ids, offsets, counts, predictions: ids.length - windows.length, targetWeights: null };
  const model = await AlignModel.create(shape, parameters, intraOpThreads);
  try {
    for (const { batch, arrays } of model.batches(pieces, Int32Array.from(windows.keys()))) {
      const { rank } = await model.targets(model.reference, batch, arrays);
      batch.entries.forEach((window, row) => {
        const { sequence, skipped } = owners[window] ?? { sequence: 0, skipped: 0 };
        const last = (windows[window]?.length ?? 1) - 1;
        for (let i = skipped; i < last; i++)
          largest[sequence] = Math.max(largest[sequence] ?? 0, rank[row * batch.T + i] ?? 0);
      });
    }
  } finally {
    await model.release();
  }
  return largest;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'surprisal-detect-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
