/**
 * @file The text model's speed: tokens through it, lines with equal ones once, and lines the guide's way, all by one model in one call.
 * Its weights are random: time does not depend on them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Encoded } from '../../src/shared/bpe/encoded.ts';
import { readTokenizerFolder } from '../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { connectPort } from '../../src/shared/port.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { textModelShape } from '../../src/shared/recipes.ts';
import type { EngineMethods } from '../../src/shared/engineProtocol.ts';
import type { TextModelShape } from '../../src/shared/textModels.ts';
import { TextModel } from '../../src/main/engine/textModel.ts';
import type { Host } from '../../src/main/host/host.ts';
import { detectFormat } from '../../src/main/ingest/detect.ts';
import { assumeTimes, createLineParser } from '../../src/main/ingest/parser.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import { MaskedLineEncoder } from '../../src/main/text/maskedLine.ts';
import { Tokens } from '../../src/main/text/tokens.ts';
import { writeTextModel } from '../../trainer/gpt2/textFolder.ts';
import { createRandom } from '../../trainer/train/random.ts';

const coldTokens = 20_000;
const coldLength = 32;
const linesPerCall = 4096;
const callsUnderWay = 2;
/** The guide: windows of ten lines, one line further each time, sixteen at once, nothing remembered. */
const windowLines = 10;
const windowBatch = 16;
/** It cuts at 512 tokens, and no model reads more than its context. */
const longestWindow = Math.min(512, textModelShape.contextLength);
/** One line of the guide's takes as long as a thousand of ours: so many are enough for its rate. */
const tutorialSeconds = 20;

/** `directory` holds the tokenizer, trained on the logs. */
export async function textSpeed(
  directory: string,
  host: Host,
  logs: readonly string[][],
  lines: number,
): Promise<Record<string, number>> {
  const tokenizerJson = await readFile(join(directory, 'tokenizer.json'), 'utf8');
  const tokenizer = new BpeTokenizer(await readTokenizerFolder(directory));
  const shape: TextModelShape = {
    form: 'gpt2',
    ...textModelShape,
    ...{ vocabularySize: tokenizer.vocabularySize, predictedTokens: tokenizer.vocabularySize },
    ...{ layerNormEpsilon: 1e-5, isHeadTied: true },
  };
  const random = createRandom(1);
  await writeTextModel(directory, {
    shape,
    tokenizerJson,
    values: ({ size, offset }) => [Float32Array.from({ length: size }, (_, i) => 0.1 * random.normal(1, offset + i))],
  });
  const thread = host.startThread('engine');
  const engine = connectPort<EngineMethods>(thread.port, 'engine');
  const score = (ids: readonly (readonly number[] | Int32Array)[]) =>
    engine.call('score_text', { directory, sequences: packSequences(ids) });
  await score([[1, 2]]);
  const coldSequences = Array.from({ length: coldTokens / coldLength }, (_, row) =>
    Array.from({ length: coldLength }, (_id, i) =>
      Math.floor(random.uniform(2, row * coldLength + i) * shape.predictedTokens),
    ),
  );
  const cold = performance.now();
  await score(coldSequences);
  const coldSeconds = (performance.now() - cold) / 1000;

  const encode = logs.map((log) => encoderOf(log, tokenizer));
  const effective = performance.now();
  const underWay: Promise<unknown>[] = [];
  for (let done = 0; done < lines; done += linesPerCall) {
    const batch: Int32Array[] = [];
    for (let i = done; i < Math.min(lines, done + linesPerCall); i++) {
      const log = i % logs.length;
      const own = logs[log] ?? [];
      const ids = encode[log]?.(own[Math.floor(i / logs.length) % own.length] ?? '');
      if (ids) batch.push(ids);
    }
    underWay.push(score(batch));
    if (underWay.length >= callsUnderWay) await underWay.shift();
  }
  await Promise.all(underWay);
  const effectiveSeconds = (performance.now() - effective) / 1000;
  await thread.stop();

  const model = await TextModel.load(directory, shape, Math.max(1, host.cores - 1));
  const tutorial = await tutorialLinesPerSecond(
    model,
    logs[0] ?? [],
    encode[0] ?? (() => new Int32Array()),
    separatorOf(tokenizer),
  );
  await model.release();
  return {
    text_tokens_per_s: (coldTokens - coldSequences.length) / coldSeconds,
    text_lines_per_s_effective: lines / effectiveSeconds,
    tutorial_lines_per_s: tutorial.linesPerSecond,
    tutorial_lines_measured: tutorial.lines,
  };
}

function separatorOf(tokenizer: BpeTokenizer): number[] {
  const { ids, length } = tokenizer.encode(' <SEP> ', new Encoded());
  return [...ids.subarray(0, length)];
}

/** Parsed, masked and encoded. */
function encoderOf(log: readonly string[], tokenizer: BpeTokenizer): (raw: string) => Int32Array {
  const sample = log.slice(0, 500);
  const { format } = detectFormat(sample);
  const parse = createLineParser(format, assumeTimes(format, sample, Date.UTC(2026, 0, 1), 'UTC'));
  const encoder = new MaskedLineEncoder(tokenizer);
  const [tokens, into] = [new Tokens(), new Encoded()];
  return (raw) => {
    const line = parse(raw);
    const { ids, length } = encoder.encode(raw, line, tokenize(raw, line.message, tokens), into.clear());
    return ids.slice(0, length);
  };
}

async function tutorialLinesPerSecond(
  model: TextModel,
  log: readonly string[],
  encode: (raw: string) => Int32Array,
  separator: readonly number[],
): Promise<{ linesPerSecond: number; lines: number }> {
  const start = performance.now();
  let windows = 0;
  const seconds = (): number => (performance.now() - start) / 1000;
  while (seconds() < tutorialSeconds && windows + windowBatch + windowLines <= log.length) {
    const batch = Array.from({ length: windowBatch }, (_, row) => {
      const lines = log.slice(windows + row, windows + row + windowLines);
      return lines.flatMap((raw, i) => [...(i > 0 ? separator : []), ...encode(raw)]).slice(0, longestWindow);
    });
    const T = Math.max(...batch.map(({ length }) => length)) - 1;
    const [ids, targets] = [new BigInt64Array(windowBatch * T), new BigInt64Array(windowBatch * T)];
    batch.forEach((window, row) =>
      window.slice(1).forEach((target, t) => {
        ids[row * T + t] = BigInt(window[t] ?? 0);
        targets[row * T + t] = BigInt(target);
      }),
    );
    await model.logProbabilities(ids, targets, windowBatch, T);
    windows += windowBatch;
  }
  return { linesPerSecond: windows / seconds(), lines: windows };
}
