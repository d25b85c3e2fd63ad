/** @file Training by reward from its input to the parameters that are kept. Writes no model files (`files/export.ts` does). */
import type { AlignInput } from '../../src/shared/alignProtocol.ts';
import { AppError } from '../../src/shared/errors.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { CheckpointFolder } from '../files/checkpoint.ts';
import { readStartWeights } from '../files/startWeights.ts';
import { hashOf } from '../train/fingerprint.ts';
import { cutPieces } from '../train/pieces.ts';
import { createRandom } from '../train/random.ts';
import { AlignModel } from './model.ts';
import { Normals } from './normals.ts';
import { checkAlignInput } from './options.ts';
import { AlignRun, type AlignContext, type Aligned } from './run.ts';
import { TopKTrainer } from './topK.ts';
import { VerdictTrainer } from './verdicts.ts';

/** Raised when the same input would be trained in another way: a checkpoint of the old way must not be gone on from. */
const method = 2;

/**
 * Throws BAD_REQUEST for an input that cannot be trained on, MODEL_INVALID for weights that do not fit or are harmed, CANCELLED when the
 * signal fires.
 */
export async function alignModel(input: AlignInput, context: AlignContext): Promise<Aligned> {
  checkAlignInput(input);
  const { shape, objective, epochs, batchSequences, checkpoint } = input;
  const random = createRandom(input.seed);
  const pieces = cutPieces(input.replay, shape.contextLength, shape.vocabularySize);
  if (pieces.predictions === 0) throw new AppError('BAD_REQUEST', 'Normal sequences are needed beside the verdicts.');
  const start = await readStartWeights(input.startWeights, shape);
  const model = await AlignModel.create(shape, start, input.intraOpThreads);
  try {
    const normals = new Normals(pieces, random);
    const options = { epochs, batchSequences, random };
    const run = await AlignRun.start({
      input,
      context,
      start,
      model,
      normals,
      objective:
        objective.kind === 'verdicts'
          ? new VerdictTrainer(objective, model, normals, options)
          : new TopKTrainer(objective, model, normals, options),
      checkpoints: checkpoint && new CheckpointFolder(checkpoint.directory, fingerprintOf(input, start)),
    });
    return await run.toEnd();
  } finally {
    await model.release();
  }
}

/** As the fingerprint of training: threads are left out. */
function fingerprintOf(input: AlignInput, start: Float32Array): string {
  const { replay, objective, directory: _1, checkpoint: _2, intraOpThreads: _3, startWeights: _4, ...decisive } = input;
  const { labelled, ...rest } =
    objective.kind === 'verdicts' ? objective : { ...objective, labelled: packSequences([]) };
  const data = [replay.ids, replay.offsets, labelled.ids, labelled.offsets, start];
  return hashOf(['align', method, decisive, rest], data);
}
