/** @file The gradients of a step of each objective against central differences of its whole loss, written out here a second time. */
import { expect, onTestFinished, test } from 'vitest';
import { packSequences } from '../../src/shared/sequences.ts';
import { AlignModel } from '../../trainer/align/model.ts';
import { Normals } from '../../trainer/align/normals.ts';
import { Observer } from '../../trainer/align/observer.ts';
import { scoreSequence } from '../../trainer/align/scores.ts';
import { TopKTrainer } from '../../trainer/align/topK.ts';
import { expectedRewardLoss, ktoLoss } from '../../trainer/align/verdictLoss.ts';
import { VerdictTrainer } from '../../trainer/align/verdicts.ts';
import type { Batch, BatchArrays } from '../../trainer/train/batches.ts';
import { cutPieces, type PieceSet } from '../../trainer/train/pieces.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { strange, usual, verdicts } from './aligning.ts';
import { coinSessions, randomParameters, tinyShape } from './models.ts';

const random = createRandom(5);
const batchSequences = 8;
const options = { epochs: 1, batchSequences, random };
const normalPieces = piecesOf(coinSessions(40, 1));
/** More threats than what is harmless, of unequal length: weights by piece, by class and by token all differ. */
const judged = [strange, [1, 4, 4, 8], [1, 9, 6, 5, 7, 9, 2], usual];
const isThreat = [true, true, true, false];
const judgedPieces = piecesOf(packSequences(judged));

function piecesOf(sequences: ReturnType<typeof packSequences>): PieceSet {
  return cutPieces(sequences, tinyShape.contextLength, tinyShape.vocabularySize);
}

/** Predictions near uniform: there a loss is smooth enough for central differences in single precision. */
function gentleParameters(seed: number): Float32Array {
  return randomParameters(tinyShape, seed).map((value) => value / 4);
}

/** A model that is no longer its reference, with a step's machinery. */
async function movedModel(): Promise<{ model: AlignModel; observer: Observer; normals: Normals }> {
  const model = await AlignModel.create(tinyShape, gentleParameters(3), 1);
  const observer = await Observer.create(tinyShape, 64, 1);
  onTestFinished(async () => {
    await model.release();
    await observer.release();
  });
  const noise = gentleParameters(4);
  model.state.parameters.forEach((value, i) => (model.state.parameters[i] = value + 0.3 * (noise[i] ?? 0)));
  return { model, observer, normals: new Normals(normalPieces, random) };
}

/** Slopes of `loss` along the gradient itself, where every error of it shows, and along some directions drawn at random. */
async function expectGradient(model: AlignModel, loss: () => Promise<number>): Promise<void> {
  const { parameters } = model.state;
  const at = parameters.slice();
  const gradient = model.gradients.slice();
  const norm = Math.hypot(...gradient);
  expect(norm).toBeGreaterThan(0.01);
  const directions = [gradient.map((value) => value / norm)];
  for (let k = 0; k < 4; k++) {
    const drawn = Float32Array.from(gradient, (_, i) => random.normal(9, k * gradient.length + i));
    const size = Math.hypot(...drawn);
    directions.push(drawn.map((value) => value / size));
  }
  for (const [k, direction] of directions.entries()) {
    const moved = async (by: number): Promise<number> => {
      at.forEach((value, i) => (parameters[i] = value + by * (direction[i] ?? 0)));
      return loss();
    };
    const step = k === 0 ? 0.003 : 0.02; // single precision: a weak slope wants a longer step
    const slope = ((await moved(step)) - (await moved(-step))) / (2 * step);
    const expected = direction.reduce((sum, value, i) => sum + value * (gradient[i] ?? 0), 0);
    expect(Math.abs(slope - expected) / norm, `direction ${k}`).toBeLessThan(0.001);
  }
  parameters.set(at);
}

/** `likelihood` x mean surprise + `closeness` x mean cross entropy of the reference, over every prediction of the pieces drawn. */
async function held(
  { model, observer }: { model: AlignModel; observer: Observer },
  drawn: Int32Array,
  likelihood: number,
  closeness: number,
): Promise<number> {
  let [surprise, cross, predictions] = [0, 0, 0];
  for (const piece of drawn) {
    const { ids, offsets } = normalPieces;
    const tokens = [...ids.subarray(offsets[piece], offsets[piece + 1])];
    const shape = { B: 1, T: tokens.length - 1 };
    const fed = BigInt64Array.from(tokens.slice(0, -1), BigInt);
    const [p, q] = [
      (await observer.probabilities(model.current, shape, fed)).data,
      (await observer.probabilities(model.reference, shape, fed)).data,
    ];
    const V = tinyShape.vocabularySize;
    tokens.slice(1).forEach((token, row) => (surprise -= Math.log(p[row * V + token] ?? NaN)));
    p.forEach((value, i) => (cross -= (q[i] ?? NaN) * Math.log(value)));
    predictions += shape.T;
  }
  return (likelihood * surprise + closeness * cross) / predictions;
}

test.each([
  { form: 'expected_reward', score: 'mean', threshold: 2.5 },
  { form: 'expected_reward', score: 'smooth_max', threshold: 9 },
  { form: 'kto', score: 'mean', threshold: 2.5 },
  { form: 'kto', score: 'smooth_max', threshold: 5 },
] as const)(
  '$form over the $score (a weight, a class or a hold that the step has and the loss has not)',
  async (kind) => {
    const parts = await movedModel();
    const { model, normals } = parts;
    const objective = verdicts({ ...kind, temperature: 1, labelled: packSequences(judged), isThreat });
    const hold = 0.2; // small beside the verdicts, so that an error of theirs shows
    const scoresOf = async (parameters: AlignModel['current']): Promise<number[]> => {
      const surprises = await model.surprises(parameters, judgedPieces, Int32Array.of(0, 1, 2, 3));
      return judged.map((_, i) => scoreSequence(surprises.get(i) ?? new Float32Array(1), kind.score).score);
    };
    const references = await scoresOf(model.reference);
    const drawn = normals.draw(batchSequences, 1);
    const means = async (parameters: AlignModel['current']): Promise<number[]> => {
      const found = await model.surprises(parameters, normalPieces, drawn);
      return [...drawn].map((piece) => scoreSequence(found.get(piece) ?? new Float32Array(1), 'mean').score);
    };
    const [before, now] = [await means(model.reference), await means(model.current)];
    const ratio = before.reduce((sum, value, i) => sum + value - (now[i] ?? NaN), 0) / drawn.length;
    const replayRatio = Math.max(0, ratio); // a constant to the gradient, as in KTO
    const loss = async (): Promise<number> => {
      const losses = (await scoresOf(model.current)).map((score, i) => {
        const threat = isThreat[i] ?? false;
        const referenceScore = references[i] ?? NaN;
        return kind.form === 'kto'
          ? ktoLoss(score, threat, { ...objective, referenceScore, replayRatio }).value
          : expectedRewardLoss(score, threat, objective).value;
      });
      const [threats, harmless] = [losses.slice(0, 3), losses.slice(3)];
      const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
      return (mean(threats) + mean(harmless)) / 2 + (await held(parts, drawn, 0, hold));
    };
    const trainer = new VerdictTrainer(objective, model, normals, options);
    expect(await trainer.addGradients(1, hold)).toMatchObject({ carried: hold, count: 4 });
    await expectGradient(model, loss);
  },
);

test('top_k: only hits gain, by what they are above the baseline, after contexts that the model made up', async () => {
  const parts = await movedModel();
  const { model, observer, normals } = parts;
  const given: { batch: Batch; arrays: BatchArrays }[] = [];
  const addLoss = model.addLoss.bind(model);
  model.addLoss = (batch, arrays) => {
    given.push({ batch, arrays: structuredClone(arrays) });
    return addLoss(batch, arrays);
  };
  const k = 4;
  const trainer = new TopKTrainer({ kind: 'top_k', k }, model, normals, options);
  const { carried, sum, count } = await trainer.addGradients(2, 0.25);
  const mean = (2 * sum - count) / count;
  expect(carried).toBeCloseTo(0.25 + 0.1 * (mean - 0.25), 6);
  let [weighted, hits] = [0, 0];
  for (const { batch, arrays } of given) {
    const { rank } = await observer.targets(model.current, batch, arrays);
    arrays.weights.forEach((weight, i) => {
      if (weight === 0) return;
      hits++;
      expect(rank[i]).toBeLessThan(k);
      expect(weight).toBeCloseTo((1 - (carried ?? NaN)) / count, 6);
    });
    weighted += arrays.weights.reduce((a, b) => a + b, 0);
  }
  expect(hits).toBe(sum);
  expect(weighted).toBeGreaterThan(0);
  const drawn = normals.draw(batchSequences, 2);
  await expectGradient(model, async () => {
    let total = await held(parts, drawn, 1, 1);
    for (const { batch, arrays } of given) {
      const { surprise } = await observer.targets(model.current, batch, arrays);
      total += arrays.weights.reduce((all, weight, i) => all + weight * (surprise[i] ?? NaN), 0);
    }
    return total;
  });
});
