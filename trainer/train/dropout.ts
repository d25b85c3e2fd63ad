/** @file Dropout masks, drawn by (seed, micro-step, site) and fed to the graph: the same on every provider, and nothing to save. */
import type { DropoutSite } from '../gpt2/dropoutSites.ts';
import type { FloatInputs } from './backend.ts';
import { randomStreams, type Random } from './random.ts';

/** What is kept is scaled up, so that nothing changes on average. `microStep` counts over the whole run. */
export function dropoutMasks(
  sites: readonly DropoutSite[],
  { B, T }: { B: number; T: number },
  rate: number,
  random: Random,
  microStep: number,
): FloatInputs {
  const sizes: Record<string, number> = { B, T, T2: T };
  const masks = sites.map(({ name, dims }, site) => {
    const numbers = dims.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim] ?? 1)));
    const data = new Float32Array(numbers.reduce((product, n) => product * n, 1));
    random.keep(data, rate, randomStreams.dropout, microStep, site);
    return [name, { dims: numbers, data }] as const;
  });
  return Object.fromEntries(masks);
}
