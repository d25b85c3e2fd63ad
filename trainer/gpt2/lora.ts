/**
 * @file Low-rank adapters (LoRA, Hu et al. 2021): a linear map x W + b becomes x W + b + (alpha / rank) (x A) B, and only A and B are
 * trained. Merged, W + (alpha / rank) A B is an ordinary weight again.
 */
import { AppError } from '../../src/shared/errors.ts';
import type { KeyModelShape, LoraMatrix, LoraOptions } from '../../src/shared/trainerProtocol.ts';
import { gpt2Parameters, type ParameterSpec } from './spec.ts';

/** As peft's target_modules: `c_proj` is the projection out of attention and that out of the MLP. */
const places: Record<LoraMatrix, readonly string[]> = {
  c_attn: ['attn.c_attn'],
  c_proj: ['attn.c_proj', 'mlp.c_proj'],
  c_fc: ['mlp.c_fc'],
};

export function adapterName(linear: string, part: 'A' | 'B'): string {
  return `${linear}.lora_${part}`;
}

/** The adapters' own parameters, in a fixed order. A starts random and B at zero: at first the model is the one it started from. */
export function loraParameters(shape: KeyModelShape, { rank, matrices }: LoraOptions): ParameterSpec[] {
  const adapted = matrices.flatMap((matrix) => places[matrix]);
  let offset = 0;
  const specs: ParameterSpec[] = [];
  for (const { name, dims } of gpt2Parameters(shape)) {
    const linear = name.replace(/\.weight$/, '');
    if (dims.length !== 2 || !adapted.some((place) => linear.endsWith(`.${place}`))) continue;
    const [inputs = 1, outputs = 1] = dims;
    const add = (part: 'A' | 'B', partDims: number[], init: ParameterSpec['init']): void => {
      const size = partDims.reduce((product, n) => product * n, 1);
      specs.push({ name: adapterName(linear, part), dims: partDims, offset, size, decays: true, init });
      offset += size;
    };
    add('A', [inputs, rank], { deviation: 1 / Math.sqrt(3 * inputs) }); // peft's uniform +-1/sqrt(inputs) is as wide
    add('B', [rank, outputs], 'zeros');
  }
  return specs;
}

/** The model's parameters with the adapters multiplied in; both are left as they are. */
export function mergeLora(
  shape: KeyModelShape,
  lora: LoraOptions,
  parameters: Float32Array,
  adapters: Float32Array,
): Float32Array {
  const merged = parameters.slice();
  const parts = new Map(loraParameters(shape, lora).map((spec) => [spec.name, spec]));
  const scale = lora.alpha / lora.rank;
  for (const { name, dims, offset } of gpt2Parameters(shape)) {
    const linear = name.replace(/\.weight$/, '');
    const [A, B] = [parts.get(adapterName(linear, 'A')), parts.get(adapterName(linear, 'B'))];
    if (!A || !B) continue;
    const [inputs = 0, outputs = 0] = dims;
    const row = new Float64Array(outputs); // summed in double precision: the merged model is to score as the adapted one
    for (let i = 0; i < inputs; i++) {
      row.fill(0);
      for (let r = 0; r < lora.rank; r++) {
        const a = (adapters[A.offset + i * lora.rank + r] as number) * scale;
        const from = B.offset + r * outputs;
        for (let o = 0; o < outputs; o++) row[o] = (row[o] as number) + a * (adapters[from + o] as number);
      }
      const at = offset + i * outputs;
      for (let o = 0; o < outputs; o++) merged[at + o] = (parameters[at + o] as number) + (row[o] as number);
    }
  }
  return merged;
}

/** Throws BAD_REQUEST, naming the option and what it may be. */
export function checkLora(lora: LoraOptions, { width }: KeyModelShape): void {
  const need = (holds: boolean, what: string): void => {
    if (!holds) throw new AppError('BAD_REQUEST', `LoRA: ${what}.`);
  };
  const { rank, alpha, matrices } = lora;
  need(
    Number.isInteger(rank) && rank >= 1 && rank <= width,
    `rank is ${rank}; it must be a whole number from 1 to the width, ${width}`,
  );
  need(alpha > 0 && Number.isFinite(alpha), `alpha is ${alpha}; it must be above 0`);
  need(matrices.length > 0, 'no matrix is named');
  for (const matrix of matrices) need(Object.hasOwn(places, matrix), `there is no matrix ${matrix}`);
  need(new Set(matrices).size === matrices.length, 'a matrix is named twice');
}
