/** @file Which tokens are outside the K most expected: the same that explanations rank there. */
import { expect, test } from 'vitest';
import { packSequences } from '../../src/shared/sequences.ts';
import { randomModel, tinyShape } from '../trainer/models.ts';
import { connectEngine } from './client.ts';

const long = Int32Array.from({ length: 30 }, (_, i) => 3 + ((i * i) % 9));
const short = [3, 5, 7, 4];
/** Equal sequences are read once: what is found must be told of both. */
const sequences = packSequences([short, long, short]);

async function loaded(): Promise<ReturnType<typeof connectEngine>> {
  const engine = connectEngine();
  await engine.call('load', { modelId: 'm', directory: await randomModel(tinyShape, 1), shape: tinyShape });
  return engine;
}

test.each([1, 3, 6])(
  'tokens are outside the %i most expected as explanations rank them (rows or windows shifted)',
  async (k) => {
    const engine = await loaded();
    const places = [...sequences.ids.keys()].filter((at) => !sequences.offsets.includes(at));
    const { isUnexpected } = await engine.call('unexpected', {
      ...{ modelId: 'm', sequences, positions: Int32Array.from(places), k },
    });
    const expected: number[] = [];
    for (const ids of [Int32Array.from(short), long, Int32Array.from(short)]) {
      const positions = Int32Array.from({ length: ids.length - 1 }, (_, i) => i + 1);
      const top = await engine.call('explain', { modelId: 'm', ids, positions, top: k });
      positions.forEach((position, row) =>
        expected.push(top.ids.subarray(row * k, (row + 1) * k).includes(ids[position] ?? -1) ? 0 : 1),
      );
    }
    expect([...isUnexpected]).toEqual(expected);
    expect(new Set(expected).size).toBe(2);
  },
);

test.each([
  ['the first token of a sequence', [4], 2],
  ['positions that do not rise', [9, 6], 2],
  ['a position beyond the last token', [38], 2],
  ['none at all to be among', [1], 0],
])('%s is refused', async (_what, positions, k) => {
  const engine = await loaded();
  const asked = engine.call('unexpected', { modelId: 'm', sequences, positions: Int32Array.from(positions), k });
  await expect(asked).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
