/** @file The golden checkpoint of fixtures/gpt2-tiny, and checkpoints made from its numbers in other types and files. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensors, type NamedTensor } from '../../trainer/files/safetensors.ts';

export const tinyFolder = fileURLToPath(new URL('fixtures/gpt2-tiny', import.meta.url));

export const tiny = JSON.parse(readFileSync(join(tinyFolder, 'golden.json'), 'utf8')) as {
  texts: string[];
  ids: number[][];
  logitsOf: number;
  /** Of the first positions of `ids[logitsOf]`. */
  logits: number[][];
  logProbabilities: number[][];
  perplexity: number;
  prompt: number[];
  greedy: number[];
  /** Of `ids[of]` with another layer_norm_epsilon. */
  epsilon: { value: number; of: number; logProbabilities: number[] };
};

export const config = JSON.parse(readFileSync(join(tinyFolder, 'config.json'), 'utf8')) as Record<string, unknown>;

export const tinyTensors: NamedTensor[] = readSafetensors(
  readFileSync(join(tinyFolder, 'model.safetensors')),
  'model.safetensors',
);

type Described = { dtype: string; shape: readonly number[]; bytes: Uint8Array };

export function described(
  tensors: readonly NamedTensor[],
  type: 'F32' | 'F16' | 'BF16' = 'F32',
): Map<string, Described> {
  return new Map(
    tensors.map(({ name, dims, data }) => [name, { dtype: type, shape: dims, bytes: encode(data, type) }]),
  );
}

/** The bytes of a safetensors file, written without our writer. */
export function safetensorsOf(tensors: ReadonlyMap<string, Described>): Uint8Array {
  let end = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { dtype, shape, bytes }]) => {
      const start = end;
      end += bytes.length;
      return [name, { dtype, shape, data_offsets: [start, end] }];
    }),
  );
  return fileOf(JSON.stringify(header), Buffer.concat([...tensors.values()].map(({ bytes }) => bytes)));
}

/** A file with `header` as its header text and `body` after it. */
export function fileOf(header: string, body: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return Buffer.concat([length, text, body]);
}

/** A copy of the golden folder in `folder`, with `files` in place of its weights. */
export function checkpointWith(folder: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const name of ['config.json', 'tokenizer.json']) cpSync(join(tinyFolder, name), join(folder, name));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** The golden weights in two shards and their index. */
export function sharded(type: 'F32' | 'F16' | 'BF16' = 'F32'): Record<string, Uint8Array | string> {
  const tensors = [...described(tinyTensors, type)];
  const halves = [tensors.slice(0, 9), tensors.slice(9)];
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const weightMap = Object.fromEntries(halves.flatMap((half, i) => half.map(([name]) => [name, names[i]])));
  return {
    ...Object.fromEntries(halves.map((half, i) => [names[i], safetensorsOf(new Map(half))])),
    'model.safetensors.index.json': JSON.stringify({ metadata: {}, weight_map: weightMap }),
  };
}

/** Exact for the golden numbers: they have eight significant bits and are multiples of 1/256 below 2. */
function encode(data: Float32Array, type: 'F32' | 'F16' | 'BF16'): Uint8Array {
  const bits = new Uint32Array(data.slice().buffer);
  if (type === 'F32') return new Uint8Array(bits.buffer);
  const halves = Uint16Array.from(bits, (value) => {
    if (type === 'BF16' || (value & 0x7fffffff) === 0) return value >>> 16;
    return ((value >>> 16) & 0x8000) | ((((value >>> 23) & 0xff) - 112) << 10) | ((value >>> 13) & 0x3ff);
  });
  return new Uint8Array(halves.buffer);
}
