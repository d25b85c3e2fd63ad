/** @file What a text model says of text: log-probabilities of a file's lines, and how a line goes on. */
import { performance } from 'node:perf_hooks';
import type { Continuation } from '../../shared/models.ts';
import { packSequences } from '../../shared/sequences.ts';
import { readLines } from '../ingest/lines.ts';
import type { JobContext } from './jobs.ts';
import type { Services } from './services.ts';
import { openTextModel, type TextModel } from './textModels.ts';
import { idsOf, promptOf } from './textPrompt.ts';

/** Natural logarithms; the first token of a line has nothing before it and is null. */
export type LineLogProbabilities = { ids: number[]; logprobs: (number | null)[] };

const batchLines = 256;

/** One row per line, in order. Text is text: a line that spells `<|endoftext|>` holds these characters. */
export async function* logProbabilities(
  services: Services,
  { directory, tokenizer }: TextModel,
  path: string,
  job: Pick<JobContext, 'signal' | 'update'>,
): AsyncGenerator<LineLogProbabilities> {
  let lineCount = 0;
  for await (const { lines, bytesRead, sizeBytes } of readLines(path, { signal: job.signal, batchLines })) {
    const ids = lines.map((line) => idsOf(tokenizer, line));
    const sequences = packSequences(ids);
    const { bits } = await services.engine().call('score_text', { directory, sequences }, { signal: job.signal });
    for (const [index, list] of ids.entries()) {
      const start = sequences.offsets[index] ?? 0;
      yield { ids: [...list], logprobs: [...list].map((_, i) => (i === 0 ? null : toNats(bits[start + i]))) };
    }
    lineCount += lines.length;
    job.update({ step: 'scoring text', lineCount, share: sizeBytes > 0 ? bytesRead / sizeBytes : null });
  }
}

/** What the model writes behind `text`, and the ids of it. The same seed gives the same. */
export async function continueLine(
  services: Services,
  model: TextModel,
  input: { text: string; mostTokens: number; temperature: number; seed: number },
): Promise<{ text: string; ids: number[] }> {
  const { directory, tokenizer } = model;
  const { text, ...options } = input;
  const asked = { directory, ...promptOf(model, text), ...options };
  const { ids } = await services.engine().call('continue_text', asked);
  // A checkpoint may have more rows than its tokenizer has tokens; they stand for nothing.
  return { text: tokenizer.decode([...ids].filter((id) => tokenizer.has(id))), ids: [...ids] };
}

/** The same line by each of the models, for showing them side by side. */
export async function continueWith(
  services: Services,
  modelIds: readonly string[],
  input: { text: string; mostTokens: number; temperature: number; seed: number },
): Promise<Continuation[]> {
  const { signal } = new AbortController();
  const found: Continuation[] = [];
  for (const modelId of modelIds) {
    const model = await openTextModel(services, modelId, signal);
    const startMs = performance.now();
    const { text, ids } = await continueLine(services, model, input);
    found.push({ modelId, text, tokens: ids.length, elapsedMs: performance.now() - startMs });
  }
  return found;
}

/** Nine digits tell any two float32 numbers apart. */
function toNats(bits: number | undefined): number {
  return Number((-(bits ?? NaN) * Math.LN2).toPrecision(9));
}
