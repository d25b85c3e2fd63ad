/** @file 16-bit floating-point numbers as 32-bit ones. Exact: every value of either format is a value of float32. */

/** Bits of the float32 that equals the half-precision number `half` (IEEE 754 binary16). */
function bitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13); // infinities and NaN
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A denormal half is a normal float32: shift the leading bit out of the fraction.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

let halfTable: Uint32Array | undefined;

/** `bytes` are little-endian; their number is even. */
export function fromF16(bytes: Uint8Array): Float32Array {
  const table = (halfTable ??= Uint32Array.from({ length: 65_536 }, (_, half) => bitsOfHalf(half) >>> 0));
  const halves = words(bytes);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) bits[i] = table[halves[i] ?? 0] ?? 0;
  return new Float32Array(bits.buffer);
}

/** bfloat16 is the upper half of a float32. `bytes` are little-endian; their number is even. */
export function fromBf16(bytes: Uint8Array): Float32Array {
  const halves = words(bytes);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) bits[i] = (halves[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}

/** Copied, since `bytes` may start at an odd address. Little-endian, as all platforms of ONNX Runtime are. */
function words(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(new Uint8Array(bytes).buffer);
}
