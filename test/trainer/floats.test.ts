/** @file Half-precision and bfloat16 numbers: every one of the 65,536 bit patterns against the definition of its format. */
import { expect, test } from 'vitest';
import { fromBf16, fromF16 } from '../../trainer/files/floats.ts';

/** A number of `exponentBits` and `fractionBits`, by definition: (-1)^s 2^(e - bias) 1.f, denormals without the 1. */
function defined(bits: number, exponentBits: number, fractionBits: number): number {
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * 2 ** (1 - bias) * fraction : sign * 2 ** (exponent - bias) * (1 + fraction);
}

const all = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, bits) => bits).buffer);

test.each([
  ['float16', fromF16, 5, 10],
  ['bfloat16', fromBf16, 8, 7],
] as const)('every %s is exactly what its format says (denormals, zeros, infinities, signs)', (_name, read, e, f) => {
  const values = read(all);
  const wrong = [...values.keys()].filter((bits) => !Object.is(values[bits], defined(bits, e, f)));
  expect(wrong).toEqual([]);
});

test('numbers at an odd address are read (a view into a larger file)', () => {
  const bytes = Uint8Array.of(9, 0x00, 0x3c, 0x80, 0x3f, 9);
  expect([...fromF16(bytes.subarray(1, 3)), ...fromBf16(bytes.subarray(3, 5))]).toEqual([1, 1]);
});
