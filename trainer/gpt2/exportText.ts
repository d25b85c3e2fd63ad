/**
 * @file A text model as a folder that other programs read: config, weights and tokenizer as Hugging Face transformers has them, and with
 * `onnx` a graph over the same weights file. Tokens that were added but never trained are left out: what was imported comes out unchanged.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readTokenizerFolder } from '../../src/shared/bpe/folder.ts';
import { formatTokenizerConfig, formatTokenizerJson } from '../../src/shared/bpe/writeFiles.ts';
import { textModelFiles, type ExportTextInput, type TextModelShape } from '../../src/shared/textModels.ts';
import type { ModelFile } from '../../src/shared/trainerProtocol.ts';
import { syncDirectory, writeFileAtomic } from '../files/atomic.ts';
import { readJson } from '../files/checkpointFolder.ts';
import { TensorFile } from '../files/tensorFile.ts';
import { TensorWriter } from '../files/tensorWriter.ts';
import { embeddingName, gpt2Parameters, headName } from './spec.ts';
import { weightPlaces, writeText } from './textFiles.ts';
import { buildPublished, type WeightPlaces } from './textGraphs.ts';

const endToken = '<|endoftext|>';

export async function exportText({ directory, to, format }: ExportTextInput): Promise<{ files: ModelFile[] }> {
  const stored = (await readJson(directory, textModelFiles.shape, 65_536)) as TextModelShape;
  const shape: TextModelShape = { ...stored, vocabularySize: stored.predictedTokens };
  const definition = await readTokenizerFolder(directory);
  const tokenizer = { ...definition, named: definition.named.filter(({ id }) => id < shape.vocabularySize) };
  const endId = tokenizer.named.find(({ name }) => name === endToken)?.id;
  const roles = endId === undefined ? {} : { bos_token: endToken, eos_token: endToken };
  const places = (): Promise<WeightPlaces> => weightPlaces(to, textModelFiles.weights, publishedPrefix);
  const steps: (() => Promise<ModelFile>)[] = [
    () => copyWeights(directory, to, shape),
    () => writeText(to, 'config.json', `${JSON.stringify(configOf(shape, endId), null, 2)}\n`),
    () => writeText(to, 'tokenizer.json', formatTokenizerJson(tokenizer)),
    () => writeText(to, 'tokenizer_config.json', formatTokenizerConfig(tokenizer, roles)),
  ];
  if (format === 'onnx')
    steps.push(async () => writeFileAtomic(to, textModelFiles.graph, buildPublished(shape, await places())));
  const files: ModelFile[] = [];
  try {
    for (const step of steps) files.push(await step());
    await syncDirectory(to);
    return { files };
  } catch (error) {
    for (const { name } of files) await rm(join(to, name), { force: true });
    throw error;
  }
}

const publishedPrefix = 'transformer.';

/** As transformers itself names and orders them. */
async function copyWeights(directory: string, to: string, shape: TextModelShape): Promise<ModelFile> {
  const source = await TensorFile.open(join(directory, textModelFiles.weights), textModelFiles.weights);
  const parameters = gpt2Parameters(shape);
  const published = parameters.map(({ name, dims }) => ({
    name: name === headName ? name : publishedPrefix + name,
    dims,
  }));
  try {
    const writer = await TensorWriter.create(to, textModelFiles.weights, published);
    try {
      for (const { name, dims } of parameters) {
        const entry = source.entries.get(name);
        if (!entry) throw new Error(`${textModelFiles.weights} has no tensor ${name}.`);
        const rowsDiffer = name === embeddingName || name === headName;
        const size = dims.reduce((product, n) => product * n, 1);
        const end = rowsDiffer ? entry.start + 4 * size : entry.end;
        for await (const values of source.floats({ ...entry, end })) await writer.write(values);
      }
      return await writer.finish();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  } finally {
    await source.close();
  }
}

function configOf(shape: TextModelShape, endId: number | undefined): Record<string, unknown> {
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    activation_function: 'gelu_new',
    n_layer: shape.layers,
    n_head: shape.heads,
    n_embd: shape.width,
    n_inner: null,
    n_positions: shape.contextLength,
    n_ctx: shape.contextLength,
    vocab_size: shape.vocabularySize,
    layer_norm_epsilon: shape.layerNormEpsilon,
    tie_word_embeddings: shape.isHeadTied,
    scale_attn_weights: true,
    bos_token_id: endId ?? null,
    eos_token_id: endId ?? null,
    torch_dtype: 'float32',
  };
}
