/** @file One run of training by reward: epochs, figures after each, and the best that leaves normal sequences as likely as they were. */
import { AppError } from '../../src/shared/errors.ts';
import type { AlignEpoch, AlignInput } from '../../src/shared/alignProtocol.ts';
import { readStartWeights } from '../files/startWeights.ts';
import { checkShape } from '../gpt2/spec.ts';
import { cutPieces } from '../train/pieces.ts';
import type { Gate } from '../train/gate.ts';
import { createRandom } from '../train/random.ts';
import { learningRateAt } from '../train/schedule.ts';
import { AlignModel } from './model.ts';
import { Normals } from './normals.ts';
import { TopKTrainer } from './topK.ts';
import { VerdictTrainer } from './verdicts.ts';

/** An epoch after which normal sequences are less likely by more than this is not kept (science.md 7.5, gate). */
const mostDrift = 0.02;
const warmUp = { share: 0.1, mostSteps: 100 };

export type Aligned = { parameters: Float32Array; epochs: AlignEpoch[]; keptEpoch: number };
export type AlignContext = { signal: AbortSignal; progress: (value: AlignEpoch) => void; gate?: Gate };

/** Throws BAD_REQUEST for an input that cannot be trained on, MODEL_INVALID for weights that do not fit, CANCELLED when the signal fires. */
export async function alignModel(input: AlignInput, { signal, progress, gate }: AlignContext): Promise<Aligned> {
  checkAlignInput(input);
  const { shape, objective, epochs, batchSequences, learningRate, seed } = input;
  const random = createRandom(seed);
  const pieces = cutPieces(input.replay, shape.contextLength, shape.vocabularySize);
  if (pieces.predictions === 0) throw new AppError('BAD_REQUEST', 'Normal sequences are needed beside the verdicts.');
  const model = await AlignModel.create(shape, await readStartWeights(input.startWeights, shape), input.intraOpThreads);
  try {
    const normals = new Normals(pieces, random);
    const options = { batchSequences, random };
    const trainer =
      objective.kind === 'verdicts'
        ? new VerdictTrainer(objective, model, normals, options)
        : new TopKTrainer(objective.k, model, normals, options);
    const told: AlignEpoch[] = [];
    let best = { epoch: 0, worth: -Infinity, parameters: model.parameters.slice() };
    for (let epoch = 0; epoch <= epochs; epoch++) {
      const steps = epoch === 0 ? 0 : trainer.stepsPerEpoch; // at first the figures of the reference
      for (let i = 1; i <= steps; i++) {
        await gate?.pass(() => Promise.resolve(), signal); // minutes at most: there is no checkpoint to write
        if (signal.aborted) throw new AppError('CANCELLED', 'Training was cancelled.');
        const step = (epoch - 1) * trainer.stepsPerEpoch + i;
        await trainer.addGradients(step);
        model.step(step, learningRateAt(step, epochs * trainer.stepsPerEpoch, learningRate, warmUp));
      }
      const figures = { epoch, ...(await trainer.figures()), drift: epoch === 0 ? 0 : await normals.drift(model) };
      trainer.drifted(figures.drift);
      told.push(figures);
      progress(figures);
      const worth = figures.reward ?? figures.hitRate ?? NaN;
      // Of equal worth the later one: its scores are further from the threshold.
      if (figures.drift <= mostDrift && worth >= best.worth)
        best = { epoch, worth, parameters: model.parameters.slice() };
    }
    return { parameters: best.parameters, epochs: told, keptEpoch: best.epoch };
  } finally {
    await model.release();
  }
}

function checkAlignInput(input: AlignInput): void {
  const need = (holds: boolean, what: string): void => {
    if (!holds) throw new AppError('BAD_REQUEST', `Training by reward: ${what}.`);
  };
  checkShape(input.shape);
  const { epochs, batchSequences, learningRate, intraOpThreads, seed, objective } = input;
  for (const [name, value] of Object.entries({ epochs, batchSequences, intraOpThreads })) {
    need(Number.isInteger(value) && value >= 1, `${name} is ${value}; it must be a whole number from 1`);
  }
  need(Number.isSafeInteger(seed) && seed >= 0, `seed is ${seed}; it must be a whole number from 0`);
  need(learningRate > 0 && learningRate < 1, `learningRate is ${learningRate}; it must lie between 0 and 1`);
  if (objective.kind !== 'verdicts') return;
  const { threshold, temperature, labelled, isThreat } = objective;
  need(Number.isFinite(threshold), `the threshold is ${threshold}`);
  need(temperature > 0 && Number.isFinite(temperature), `the temperature is ${temperature}; it must be above 0`);
  need(labelled.offsets.length === isThreat.length + 1, 'there must be one verdict for each labelled sequence');
  const { vocabularySize } = input.shape;
  need(
    labelled.ids.every((id) => id >= 0 && id < vocabularySize),
    'a labelled sequence holds a token that the model does not know',
  );
}
