/**
 * @file Random numbers as a pure function of (seed, stream, counter). No state: what a step draws does not depend on what was drawn
 * before it, so one seed gives one result whatever is added or left out elsewhere.
 */

/** One stream per use, so that two uses never see the same numbers. */
export const randomStreams = { init: 1, order: 2, unseen: 3, dropout: 4, replay: 5, generation: 6 } as const;

export type Random = {
  /** Uniform in [0, 1), 32 bits. */
  uniform(stream: number, counter: number, subcounter?: number): number;
  /** Standard normal. */
  normal(stream: number, counter: number): number;
  /** Fills `into` with 0 at `rate` of its places and 1 / (1 - rate) at the others. */
  keep(into: Float32Array, rate: number, stream: number, counter: number, subcounter: number): void;
};

/** Murmur3's finaliser: every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function createRandom(seed: number): Random {
  const base = mix(mix(seed >>> 0) ^ (Math.floor(seed / 2 ** 32) >>> 0));
  const key = (stream: number, counter: number, subcounter: number): number =>
    mix(mix(mix(base + Math.imul(stream, 0x9e3779b9)) ^ counter) + Math.imul(subcounter, 0x85ebca77));
  const uniform = (stream: number, counter: number, subcounter = 0): number =>
    mix(key(stream, counter, subcounter) ^ 0x27d4eb2f) / 2 ** 32;
  return {
    uniform,
    normal: (stream, counter) => {
      const radius = Math.sqrt(-2 * Math.log(1 - uniform(stream, counter, 1)));
      return radius * Math.cos(2 * Math.PI * uniform(stream, counter, 2));
    },
    keep: (into, rate, stream, counter, subcounter) => {
      const start = key(stream, counter, subcounter);
      const kept = 1 / (1 - rate);
      const limit = Math.round(rate * 2 ** 16);
      for (let i = 0; i < into.length; i += 2) {
        const bits = mix(start + Math.imul(i, 0x9e3779b9)); // two draws of 16 bits: half the hashing
        into[i] = (bits & 0xffff) < limit ? 0 : kept;
        if (i + 1 < into.length) into[i + 1] = bits >>> 16 < limit ? 0 : kept;
      }
    },
  };
}

/** Fisher and Yates, in place; `counter` tells apart the shuffles of one stream. */
export function shuffle(items: Int32Array, random: Random, counter: number): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform(randomStreams.order, counter, i) * (i + 1));
    const item = items[i] ?? 0;
    items[i] = items[j] ?? 0;
    items[j] = item;
  }
}
