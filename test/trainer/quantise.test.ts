/** @file Whole numbers in place of floats: how far a weight, a product and a whole model may move. */
import * as fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { Tape } from '../../trainer/onnx/autodiff.ts';
import { Graph } from '../../trainer/onnx/graph.ts';
import { buildInt8ScoreModel, buildScoreModel, hiddenStates, lookup } from '../../trainer/gpt2/graphs.ts';
import { inputScale, largestWeight, quantiseColumns, quantisedLinear } from '../../trainer/gpt2/quantise.ts';
import { withUnitRanges, type Range } from '../../trainer/gpt2/ranges.ts';
import { gpt2Parameters } from '../../trainer/gpt2/spec.ts';
import { createRandom } from '../../trainer/train/random.ts';
import { createSession } from '../../trainer/train/session.ts';
import { golden, goldenState } from './golden.ts';
import { randomParameters, tinyShape } from './models.ts';

const wideShape = { layers: 2, heads: 4, width: 64, contextLength: 16, vocabularySize: 40 };

const matrices = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([K, M]) =>
    fc.tuple(
      fc.constant(M),
      fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: K * M, maxLength: K * M }),
    ),
  );

test('a weight is right to half its column’s scale, and seven bits hold it (a row’s scale, an eighth bit)', () => {
  fc.assert(
    fc.property(matrices, ([M, list]) => {
      const weight = Float32Array.from(list);
      const { values, scales } = quantiseColumns(weight, M);
      weight.forEach((value, i) => {
        const scale = scales[i % M] ?? NaN;
        const q = values[i] ?? NaN;
        expect(Math.abs(q)).toBeLessThanOrEqual(largestWeight);
        expect(Math.abs(q * scale - value)).toBeLessThanOrEqual(
          Math.abs(value) < 1e-30 ? 1e-30 : 0.5 * scale * (1 + 1e-5),
        );
      });
    }),
  );
});

test.each<[string, Range]>([
  ['symmetric', { low: -1, high: 1 }],
  ['of a gelu', { low: -0.1701, high: 5 }],
])(
  'a quantised product is what whole numbers give, range %s (a zero point left out, a scale of another row)',
  async (_what, range) => {
    const [N, K, M] = [5, 24, 7];
    const random = createRandom(3);
    const draw = (count: number, stream: number): Float32Array =>
      Float32Array.from({ length: count }, (_, i) => 2 * random.uniform(stream, i) - 1);
    const [weight, bias] = [draw(K * M, 1), draw(M, 2)];
    // Some inputs lie outside: they count as the nearest inside.
    const x = draw(N * K, 3).map((value) => value * 1.2 * range.high);
    const graph = new Graph('linear');
    const input = graph.input('x', 'float32', ['N', K]);
    graph.output(quantisedLinear(graph, 'l', { x: input, range, weight, bias }), 'y');
    const session = await createSession(graph.toBytes(), 1, 0);
    const { y } = await session.run({ x: new ort.Tensor('float32', x, [N, K]) });
    await session.release();
    const { values, scales } = quantiseColumns(weight, M);
    const { scale, zero } = inputScale(range);
    for (let n = 0; n < N; n++) {
      for (let m = 0; m < M; m++) {
        let sum = 0;
        for (let k = 0; k < K; k++) {
          const q = Math.min(255, Math.max(0, roundHalfEven((x[n * K + k] ?? 0) / Math.fround(scale)) + zero));
          sum += (q - zero) * (values[k * M + m] ?? 0);
        }
        expect(Number(y?.data[n * M + m])).toBeCloseTo(sum * scale * (scales[m] ?? 0) + (bias[m] ?? 0), 4);
      }
    }
  },
);

/** As ONNX rounds. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

async function logProbabilities(
  model: Uint8Array,
  ids: BigInt64Array,
  dims: readonly [number, number],
): Promise<Float32Array> {
  const session = await createSession(model, 1, 0);
  const tensor = new ort.Tensor('int64', ids, dims);
  const { logProbability } = await session.run({ ids: tensor, targets: tensor });
  await session.release();
  return logProbability?.data as Float32Array;
}

const someIds = (count: number): BigInt64Array =>
  BigInt64Array.from({ length: count }, (_, i) => BigInt((i * 7) % wideShape.vocabularySize));

test('dividing by the ranges does not change the model (a weight that is not multiplied back)', async () => {
  const parameters = withShifts(randomParameters(wideShape, 4));
  const { parameters: folded } = withUnitRanges(wideShape, parameters);
  expect(folded).not.toEqual(parameters);
  const ids = someIds(48);
  const [before, after] = [
    await logProbabilities(buildScoreModel(wideShape, parameters), ids, [3, 16]),
    await logProbabilities(buildScoreModel(wideShape, folded), ids, [3, 16]),
  ];
  before.forEach((value, i) => expect(after[i]).toBeCloseTo(value, 4));
});

/** Layer norms and biases as training leaves them, away from 1 and 0. */
function withShifts(parameters: Float32Array): Float32Array {
  for (const { dims, offset, size } of gpt2Parameters(wideShape)) {
    if (dims.length > 1) continue;
    for (let i = offset; i < offset + size; i++) parameters[i] = (parameters[i] ?? 0) + 0.5 * Math.sin(i);
  }
  return parameters;
}

test('what linear maps are given stays in their ranges where nothing is cut (a bound that forgets the shift)', async () => {
  for (const seed of [1, 2, 3]) {
    const shape = { ...wideShape, width: 32 }; // sqrt(32) deviations at most, fewer than are cut off
    const { parameters, ranges } = withUnitRanges(shape, randomParameters(shape, seed));
    const graph = new Graph('inputs');
    const ids = graph.input('ids', 'int64', ['B', 'T']);
    const weights = lookup(
      new Map(
        gpt2Parameters(shape).map(({ name, dims, offset, size }) => [
          name,
          graph.weight(name, parameters.subarray(offset, offset + size), dims),
        ]),
      ),
    );
    hiddenStates(new Tape(graph), shape, weights, ids, {
      drop: (_name, a) => a,
      adapt: (name, x, y) => {
        graph.output(x, name);
        return y;
      },
      embed: null,
    });
    const session = await createSession(graph.toBytes(), 1, 0);
    const inputs = await session.run({ ids: new ort.Tensor('int64', someIds(48), [3, 16]) });
    await session.release();
    expect(Object.keys(inputs).toSorted()).toEqual([...ranges.keys()].toSorted());
    for (const [name, { low, high }] of ranges) {
      const values = inputs[name]?.data;
      if (!(values instanceof Float32Array)) throw new Error(`There is no output ${name}.`);
      for (const value of values) {
        expect(value).toBeGreaterThanOrEqual(low - 1e-5);
        expect(value).toBeLessThanOrEqual(high + 1e-5);
      }
    }
  }
});

test('the int8 graph says about what torch does (a linear map with another one’s range)', async () => {
  const [B, T] = [golden.ids.length, golden.ids[0]?.length ?? 0];
  const session = await createSession(buildInt8ScoreModel(golden.shape, goldenState().parameters), 1, 0);
  const tensor = (rows: number[][]): ort.Tensor =>
    new ort.Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [B, T]);
  const { logProbability } = await session.run({ ids: tensor(golden.ids), targets: tensor(golden.targets) });
  await session.release();
  golden.logProbability.forEach((value, i) =>
    expect(Math.abs(Number(logProbability?.data[i]) - value)).toBeLessThan(0.1),
  );
});

test('the int8 graph holds no weight of the blocks in float32, and is written the same every time', () => {
  const parameters = randomParameters(wideShape, 1);
  const int8 = buildInt8ScoreModel(wideShape, parameters);
  expect(int8.length).toBeLessThan(0.5 * buildScoreModel(wideShape, parameters).length);
  expect(buildInt8ScoreModel(wideShape, parameters)).toEqual(int8);
  const zeros = new Float32Array(randomParameters(tinyShape, 1).length);
  expect(withUnitRanges(tinyShape, zeros).parameters).toEqual(zeros);
});
