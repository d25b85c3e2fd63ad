/**
 * @file Low-rank adapters (LoRA, Hu et al. 2021): a linear map x W + b becomes x W + b + (alpha / rank) (x A) B, and only A and B are
 * trained. Merged, W + (alpha / rank) A B is an ordinary weight again. Tokens that the model never predicted have rows that nothing was
 * learnt for: these are trained too, in tables of their own, and put back into the model's.
 */
import { AppError } from '../../src/shared/errors.ts';
import type { KeyModelShape, LoraMatrix, LoraOptions } from '../../src/shared/trainerProtocol.ts';
import { embeddingName, gpt2Parameters, headName, type NetworkShape, type ParameterSpec } from './spec.ts';

/** As peft's target_modules: `c_proj` is the projection out of attention and that out of the MLP. */
const places: Record<LoraMatrix, readonly string[]> = {
  c_attn: ['attn.c_attn'],
  c_proj: ['attn.c_proj', 'mlp.c_proj'],
  c_fc: ['mlp.c_fc'],
};

export function adapterName(linear: string, part: 'A' | 'B'): string {
  return `${linear}.lora_${part}`;
}

/** The table of the rows of `table` that are trained. */
export function addedName(table: string): string {
  return `${table}.added`;
}

/** The first token whose rows are trained beside the adapters; null where the model predicts every token, or none is adapted. */
export function firstAddedToken(
  { vocabularySize, predictedTokens = vocabularySize }: NetworkShape,
  lora: LoraOptions | undefined,
): number | null {
  return lora && predictedTokens < vocabularySize ? predictedTokens : null;
}

const isTable = (name: string): boolean => name === embeddingName || name === headName;

/** What adapters leave as it is: the model's parameters where they are, its tables without the rows that are trained. */
export function frozenParameters(shape: NetworkShape): ParameterSpec[] {
  const rows = shape.predictedTokens ?? shape.vocabularySize;
  return gpt2Parameters(shape).map((spec) =>
    isTable(spec.name) ? { ...spec, dims: [rows, shape.width], size: rows * shape.width } : spec,
  );
}

/**
 * What is trained around a frozen model, in a fixed order: adapters, then the rows of added tokens. A starts random and B at zero: at first
 * the model is the one it started from. The rows start as they are there (`setAddedRows`).
 */
export function loraParameters(shape: NetworkShape, lora: LoraOptions): ParameterSpec[] {
  const { rank, matrices } = lora;
  const adapted = matrices.flatMap((matrix) => places[matrix]);
  let offset = 0;
  const specs: ParameterSpec[] = [];
  const put = (name: string, dims: number[], init: ParameterSpec['init']): void => {
    const size = dims.reduce((product, n) => product * n, 1);
    specs.push({ name, dims, offset, size, decays: true, init });
    offset += size;
  };
  const parameters = gpt2Parameters(shape);
  for (const { name, dims } of parameters) {
    const linear = name.replace(/\.weight$/, '');
    if (dims.length !== 2 || !adapted.some((place) => linear.endsWith(`.${place}`))) continue;
    const [inputs = 1, outputs = 1] = dims;
    put(adapterName(linear, 'A'), [inputs, rank], { deviation: 1 / Math.sqrt(3 * inputs) }); // peft's uniform +-1/sqrt(inputs) is as wide
    put(adapterName(linear, 'B'), [rank, outputs], 'zeros');
  }
  const first = firstAddedToken(shape, lora);
  if (first === null) return specs;
  for (const { name } of parameters)
    if (isTable(name)) put(addedName(name), [shape.vocabularySize - first, shape.width], 'zeros');
  return specs;
}

/** Starts the rows of added tokens from those that the model has for them. */
export function setAddedRows(shape: NetworkShape, lora: LoraOptions, model: Float32Array, trained: Float32Array): void {
  const parts = new Map(loraParameters(shape, lora).map((spec) => [spec.name, spec]));
  for (const { name, offset, size } of gpt2Parameters(shape)) {
    const added = parts.get(addedName(name));
    if (added) trained.set(model.subarray(offset + size - added.size, offset + size), added.offset);
  }
}

/** Multiplies what was trained into a model, parameter by parameter. */
export class LoraMerger {
  readonly #lora: LoraOptions;
  readonly #trained: Float32Array;
  readonly #parts: ReadonlyMap<string, ParameterSpec>;

  constructor(shape: NetworkShape, lora: LoraOptions, trained: Float32Array) {
    this.#lora = lora;
    this.#trained = trained;
    this.#parts = new Map(loraParameters(shape, lora).map((spec) => [spec.name, spec]));
  }

  /** `values`, the parameter `spec` as the model has it, become what it is after training. */
  merge({ name, dims }: Pick<ParameterSpec, 'name' | 'dims'>, values: Float32Array): void {
    const added = this.#parts.get(addedName(name));
    if (added) values.set(this.#valuesOf(added), values.length - added.size);
    const linear = name.replace(/\.weight$/, '');
    const [A, B] = [this.#parts.get(adapterName(linear, 'A')), this.#parts.get(adapterName(linear, 'B'))];
    if (!A || !B) return;
    const { rank, alpha } = this.#lora;
    const [down, up, scale] = [this.#valuesOf(A), this.#valuesOf(B), alpha / rank];
    const [inputs = 0, outputs = 0] = dims;
    const row = new Float64Array(outputs); // summed in double precision: the merged model is to score as the adapted one
    for (let i = 0; i < inputs; i++) {
      row.fill(0);
      for (let r = 0; r < rank; r++) {
        const a = (down[i * rank + r] as number) * scale;
        for (let o = 0; o < outputs; o++) row[o] = (row[o] as number) + a * (up[r * outputs + o] as number);
      }
      const at = i * outputs;
      for (let o = 0; o < outputs; o++) values[at + o] = (values[at + o] as number) + (row[o] as number);
    }
  }

  #valuesOf({ offset, size }: ParameterSpec): Float32Array {
    return this.#trained.subarray(offset, offset + size);
  }
}

/** Multiplies what was trained into a whole model, laid out as `gpt2Parameters`. */
export function mergeLora(
  shape: NetworkShape,
  lora: LoraOptions,
  parameters: Float32Array,
  trained: Float32Array,
): void {
  const merger = new LoraMerger(shape, lora, trained);
  for (const spec of gpt2Parameters(shape))
    merger.merge(spec, parameters.subarray(spec.offset, spec.offset + spec.size));
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
