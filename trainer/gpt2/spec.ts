/**
 * @file The parameters of a GPT-2 model: names, shapes and first values as in Hugging Face's GPT2Model.
 * Shape letters used in all of trainer/: B batch items, T tokens of an item, N = B*T, C width, H heads, D = C/H, V vocabulary,
 * P positions (context length).
 */
import { AppError } from '../../src/shared/errors.ts';
import type { TextModelShape } from '../../src/shared/textModels.ts';
import type { KeyModelShape } from '../../src/shared/trainerProtocol.ts';

/** A model as the graphs see it. That of a key model is one: GPT-2's own epsilon, a tied head, every token predicted. */
export type NetworkShape = KeyModelShape &
  Partial<Pick<TextModelShape, 'predictedTokens' | 'layerNormEpsilon' | 'isHeadTied'>> & {
    /** An encoder: every place sees every other, and the mean of all gives one logit for the whole sequence, which has exactly P tokens. */
    isClassifier?: true;
  };

export const embeddingName = 'wte.weight';
export const headName = 'lm_head.weight';
export const classifierHead = { weight: 'classifier.weight', bias: 'classifier.bias' } as const;

/** Name of the table that hidden states are multiplied with. */
export function headOf({ isHeadTied = true }: NetworkShape): string {
  return isHeadTied ? embeddingName : headName;
}

export type ParameterSpec = {
  /** As in the published checkpoint, e.g. `h.0.attn.c_attn.weight`; linear weights are Conv1D [in,out]. */
  name: string;
  dims: readonly number[];
  /** Where it starts in the flat parameter array, in elements. */
  offset: number;
  size: number;
  /** Matrices decay, gains, biases and nothing else does not. */
  decays: boolean;
  init: 'ones' | 'zeros' | { deviation: number };
};

/** In a fixed order: it is the layout of the flat parameter array. The output head last, where it is not the embeddings. */
export function gpt2Parameters(shape: NetworkShape): ParameterSpec[] {
  const { layers, width: C, vocabularySize: V, contextLength: P } = shape;
  // GPT-2's own 0.02 for a width of 768 is about 0.6 / sqrt(C); kept for a 64-wide model it costs a third of the epochs. Measured on
  // HDFS after 20 epochs: 0.446 bits with 0.02, 0.422 with 0.05, 0.411 with 0.1, 0.410 with 0.125 = 1 / sqrt(64), 0.410 with 0.16.
  const deviation = 1 / Math.sqrt(C);
  const specs: ParameterSpec[] = [];
  let offset = 0;
  const add = (name: string, dims: readonly number[], init: ParameterSpec['init']): void => {
    const size = dims.reduce((product, n) => product * n, 1);
    specs.push({ name, dims, offset, size, decays: dims.length > 1, init });
    offset += size;
  };
  const normal = { deviation };
  // Residual projections start smaller, so that the sum over layers starts as wide as one (GPT-2 paper, section 2.3).
  const residual = { deviation: deviation / Math.sqrt(2 * layers) };
  add(embeddingName, [V, C], normal);
  add('wpe.weight', [P, C], normal);
  for (let layer = 0; layer < layers; layer++) {
    const at = `h.${layer}`;
    add(`${at}.ln_1.weight`, [C], 'ones');
    add(`${at}.ln_1.bias`, [C], 'zeros');
    add(`${at}.attn.c_attn.weight`, [C, 3 * C], normal);
    add(`${at}.attn.c_attn.bias`, [3 * C], 'zeros');
    add(`${at}.attn.c_proj.weight`, [C, C], residual);
    add(`${at}.attn.c_proj.bias`, [C], 'zeros');
    add(`${at}.ln_2.weight`, [C], 'ones');
    add(`${at}.ln_2.bias`, [C], 'zeros');
    add(`${at}.mlp.c_fc.weight`, [C, 4 * C], normal);
    add(`${at}.mlp.c_fc.bias`, [4 * C], 'zeros');
    add(`${at}.mlp.c_proj.weight`, [4 * C, C], residual);
    add(`${at}.mlp.c_proj.bias`, [C], 'zeros');
  }
  add('ln_f.weight', [C], 'ones');
  add('ln_f.bias', [C], 'zeros');
  if (shape.isClassifier) {
    add(classifierHead.weight, [C, 1], normal);
    add(classifierHead.bias, [1], 'zeros');
  }
  if (headOf(shape) === headName) add(headName, [V, C], normal);
  return specs;
}

/** Views into the flat array: what is written to one of them is written to the model. */
export function parametersByName(shape: KeyModelShape, parameters: Float32Array): (name: string) => Float32Array {
  const specs = new Map(gpt2Parameters(shape).map((spec) => [spec.name, spec]));
  return (name) => {
    const spec = specs.get(name);
    if (!spec) throw new Error(`The model has no parameter ${name}.`);
    return parameters.subarray(spec.offset, spec.offset + spec.size);
  };
}

export function parameterCount(specs: readonly ParameterSpec[]): number {
  return specs.reduce((total, { size }) => total + size, 0);
}

const bounds: Record<keyof KeyModelShape, readonly [low: number, high: number]> = {
  layers: [1, 48],
  heads: [1, 64],
  width: [1, 2048],
  contextLength: [2, 4096],
  vocabularySize: [5, 65_536], // an id is one UTF-16 unit in the keys of pieces
};
/** GPT-2 small has 124 million; training every one of them holds up to 24 bytes of each. */
const mostParameters = 130_000_000;
/** GPT-2 medium has 355 million; what is frozen takes 4 bytes of each, in one array, and one of 2 GiB ends an Electron process. */
const mostFrozenParameters = 400_000_000;
/** One native allocation of 2 GiB ends an Electron process (trainer.md 7): stay far below. */
const largestTensorBytes = 512 * 1024 * 1024;

/** Throws BAD_REQUEST, naming the field and what it may be. `isFrozen`: adapters are trained, the model is not. */
export function checkShape(shape: NetworkShape, isFrozen = false): void {
  const need = (holds: boolean, what: string): void => {
    if (!holds) throw new AppError('BAD_REQUEST', `Model shape: ${what}.`);
  };
  for (const [name, [low, high]] of Object.entries(bounds)) {
    const value = shape[name as keyof KeyModelShape];
    need(
      Number.isInteger(value) && value >= low && value <= high,
      `${name} is ${value}; it must be a whole number from ${low} to ${high}`,
    );
  }
  const { width, heads, contextLength: P, vocabularySize: V } = shape;
  need(width % heads === 0, `width ${width} is not a multiple of heads ${heads}`);
  const count = parameterCount(gpt2Parameters(shape));
  const [most, what] = isFrozen ? [mostFrozenParameters, 'adapted'] : [mostParameters, 'trained in full'];
  need(count <= most, `it has ${count} parameters, and models of at most ${most} are ${what}`);
  need(
    4 * P * Math.max(V, heads * P) <= largestTensorBytes,
    `a context of ${P} tokens is too long for its heads and vocabulary`,
  );
}
