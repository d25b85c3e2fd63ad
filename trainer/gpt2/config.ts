/**
 * @file `config.json` of a GPT-2 checkpoint as a model's shape. What our graphs do not do is refused by the name of its setting: a model
 * computed in another way than it was trained would answer wrongly without a sign.
 */
import { AppError } from '../../src/shared/errors.ts';
import type { TextModelShape } from '../../src/shared/textModels.ts';
import { isRecord, shownName } from '../files/safetensorsHeader.ts';

/** Settings that change what the model computes, with the values that we compute. Absent means the first. */
const supported: Readonly<Record<string, readonly unknown[]>> = {
  activation_function: ['gelu_new'],
  scale_attn_weights: [true],
  scale_attn_by_inverse_layer_idx: [false],
  add_cross_attention: [false],
  quantization_config: [undefined, null],
};

const bounds = {
  n_layer: [1, 200],
  n_head: [1, 128],
  n_embd: [1, 8192],
  n_positions: [2, 16_384],
  vocab_size: [5, 65_536], // an id is one UTF-16 unit in the keys of pieces
} as const;

/** One native allocation of 2 GiB ends an Electron process (trainer.md 7): stay far below. */
export const largestTensorBytes = 512 * 1024 * 1024;

/** Throws MODEL_INVALID with the setting that is missing, senseless or not supported. */
export function readConfig(config: unknown): TextModelShape {
  const refuse = (what: string): never => {
    throw new AppError('MODEL_INVALID', `config.json: ${what}`);
  };
  if (!isRecord(config)) return refuse('it is not an object.');
  if (config.model_type !== 'gpt2')
    return refuse(
      `model_type is ${shown(config.model_type)}; only "gpt2" is read (GPT-2 and DistilGPT-2 of any size).`,
    );
  const size = (name: keyof typeof bounds, value: unknown = config[name]): number => {
    const [low, high] = bounds[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value;
    return refuse(`${name} is ${shown(value)}; it must be a whole number from ${low} to ${high}.`);
  };
  for (const [name, values] of Object.entries(supported)) {
    const value = Object.hasOwn(config, name) ? config[name] : values[0];
    if (!values.includes(value)) refuse(`${name} ${shown(value)} is not supported; only ${shown(values[0])} is.`);
  }
  const shape: TextModelShape = {
    form: 'gpt2',
    layers: size('n_layer'),
    heads: size('n_head'),
    width: size('n_embd'),
    // Older files name it n_ctx.
    contextLength: size('n_positions', config.n_positions ?? config.n_ctx),
    vocabularySize: size('vocab_size'),
    predictedTokens: size('vocab_size'),
    layerNormEpsilon: epsilonOf(config.layer_norm_epsilon ?? 1e-5, refuse),
    isHeadTied: booleanOf(config.tie_word_embeddings ?? true, refuse),
  };
  const { width: C, heads: H, contextLength: P } = shape;
  if (C % H !== 0) refuse(`n_embd ${C} is not a multiple of n_head ${H}.`);
  const inner = config.n_inner ?? 4 * C;
  if (inner !== 4 * C) refuse(`n_inner ${shown(inner)} is not supported; only four times n_embd, ${4 * C}, is.`);
  for (const [what, elements] of [
    ['n_positions with n_head', H * P * P],
    ['n_embd', 4 * C * C],
    ['vocab_size with n_embd', shape.vocabularySize * C],
  ] as const) {
    if (4 * elements > largestTensorBytes)
      refuse(`${what} would need a tensor of more than ${largestTensorBytes / 2 ** 20} MB, which is not supported.`);
  }
  return shape;
}

function epsilonOf(value: unknown, refuse: (what: string) => never): number {
  if (typeof value === 'number' && value > 0 && value <= 1) return value;
  return refuse(`layer_norm_epsilon is ${shown(value)}; it must be a number above 0, at most 1.`);
}

function booleanOf(value: unknown, refuse: (what: string) => never): boolean {
  if (typeof value === 'boolean') return value;
  return refuse(`tie_word_embeddings is ${shown(value)}; it must be true or false.`);
}

function shown(value: unknown): string {
  return shownName(JSON.stringify(value) ?? 'missing');
}
