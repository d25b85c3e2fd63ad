/** @file Entry of the thread that turns events into what a text model learns from: serves `TextDataMethods`. */
import { parentPort } from 'node:worker_threads';
import { Encoded } from '../../../shared/bpe/encoded.ts';
import { readTokenizerFolder } from '../../../shared/bpe/folder.ts';
import { BpeTokenizer } from '../../../shared/bpe/tokenizer.ts';
import { WordCounts } from '../../../shared/bpe/wordCounts.ts';
import { AppError } from '../../../shared/errors.ts';
import type { ParsedLine } from '../../../shared/lines.ts';
import { messagePort } from '../../../shared/nodePorts.ts';
import { rowDoubt } from '../../../shared/rowDoubt.ts';
import { connectPort, servePort, Transferred, type Client } from '../../../shared/port.ts';
import { createLineParser } from '../../ingest/parser.ts';
import { partOf, TextDataset } from '../../learn/textDataset.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import { mostWindowTokens, tutorialLine, windowSeparator } from '../../detect/tutorial/window.ts';
import { WindowSample } from '../../detect/tutorial/windowSample.ts';
import { countWords, MaskedLineEncoder, mostLineChars } from '../../text/maskedLine.ts';
import { tokenize } from '../../text/mask.ts';
import { Tokens } from '../../text/tokens.ts';
import type { TextDataMethods, TextSource } from './textData.ts';

const pageRows = 5000;

type Run = { signal: AbortSignal; progress: (value: { rows: number }) => void };
type Read = Pick<TextDataMethods['encode']['input'], 'sources' | 'stride'>;
type Visit = (raw: string, line: ParsedLine, row: number, source: TextSource) => void;

let store: Client<StoreMethods> | undefined;

/** Every event of the sources that may be taken as normal, parsed, in order. Between pages others are let in, and a cancel is seen. */
async function eachLine(sources: readonly TextSource[], { signal, progress }: Run, visit: Visit): Promise<void> {
  if (!store) throw new AppError('INTERNAL', 'The thread that reads text was asked before it was opened.');
  let rows = 0;
  for (const source of sources) {
    const { sourceId, format, assumption, rowCount, doubt } = source;
    const parse = createLineParser(format === 'sequences' ? 'plain' : format, assumption);
    let row = 0;
    for (let after = 0; row < rowCount;) {
      const limit = Math.min(pageRows, rowCount - row);
      const input = { sourceId, afterEventId: after, limit, maxChars: mostLineChars };
      const { lastEventId, raws } = await store.call('read_raws', input, { signal });
      if (lastEventId === after) break;
      for (const raw of raws) {
        if ((doubt.marks[row] ?? rowDoubt.none) === rowDoubt.none) visit(raw, parse(raw), row, source);
        row++;
      }
      after = lastEventId;
      rows += raws.length;
      progress({ rows });
    }
  }
}

/** As the tutorial has it, of the part of a line that is read. */
function windowLine(raw: string, { severity, message }: ParsedLine): string {
  return tutorialLine(severity, raw.slice(message.start, message.end));
}

async function countWordsOf({ sources, reads }: TextDataMethods['count_words']['input'], run: Run) {
  const counts = new WordCounts();
  const training = sources.map((source) => ({ ...source, rowCount: source.cuts.trainingEnd }));
  if (reads === 'windows')
    await eachLine(training, run, (raw, line) => {
      const text = `${windowLine(raw, line)}${windowSeparator}`;
      counts.add(text, 0, text.length);
    });
  else {
    const tokens = new Tokens();
    await eachLine(training, run, (raw, line) => countWords(raw, line, tokenize(raw, line.message, tokens), counts));
  }
  const words = counts.pack();
  return new Transferred({ words }, [words.characters.buffer, words.offsets.buffer, words.counts.buffer]);
}

async function encode(input: TextDataMethods['encode']['input'], run: Run) {
  const tokenizer = new BpeTokenizer(await readTokenizerFolder(input.tokenizerDirectory));
  const dataset = new TextDataset();
  if (input.reads === 'windows') await addWindows(dataset, tokenizer, input, run);
  else await addLines(dataset, tokenizer, input, run);
  const { sequences: training, weights: trainingWeights } = dataset.training();
  const validation = dataset.validation();
  const buffers = [training.ids, training.offsets, trainingWeights, validation.ids, validation.offsets];
  return new Transferred(
    { training, trainingWeights, validation, leftOut: dataset.leftOut },
    buffers.map(({ buffer }) => buffer),
  );
}

async function addLines(dataset: TextDataset, tokenizer: BpeTokenizer, { sources }: Read, run: Run): Promise<void> {
  const encoder = new MaskedLineEncoder(tokenizer);
  const [tokens, encoded] = [new Tokens(), new Encoded()];
  await eachLine(sources, run, (raw, line, row, { cuts }) => {
    const { message } = line;
    dataset.add(encoder.encode(raw, line, tokenize(raw, message, tokens), encoded.clear()), partOf(row, cuts));
  });
}

async function addWindows(dataset: TextDataset, tokenizer: BpeTokenizer, { sources, stride }: Read, run: Run) {
  const sample = new WindowSample(stride);
  const encoded = new Encoded();
  let next = 0;
  await eachLine(sources, run, (raw, line, row, { cuts }) => {
    const part = partOf(row, cuts);
    if (row !== next || row === 0 || part !== partOf(row - 1, cuts)) sample.begin();
    next = row + 1;
    const window = sample.add(windowLine(raw, line));
    if (window === null) return;
    const { ids, length } = tokenizer.encode(window, encoded.clear());
    dataset.add({ ids, length: Math.min(length, mostWindowTokens) }, part);
  });
}

if (parentPort) {
  servePort<TextDataMethods>(messagePort(parentPort), {
    open: ({ storePort }) => {
      store = connectPort<StoreMethods>(messagePort(storePort), 'store');
      return undefined;
    },
    count_words: countWordsOf,
    encode,
  });
}
