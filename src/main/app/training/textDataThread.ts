/** @file Entry of the thread that turns events into what a text model learns from: serves `TextDataMethods`. */
import { parentPort } from 'node:worker_threads';
import { Encoded } from '../../../shared/bpe/encoded.ts';
import { readTokenizerFolder } from '../../../shared/bpe/folder.ts';
import { BpeTokenizer } from '../../../shared/bpe/tokenizer.ts';
import { WordCounts } from '../../../shared/bpe/wordCounts.ts';
import { AppError } from '../../../shared/errors.ts';
import { messagePort } from '../../../shared/nodePorts.ts';
import { connectPort, servePort, Transferred, type Client } from '../../../shared/port.ts';
import { createLineParser } from '../../ingest/parser.ts';
import { partOf, TextDataset } from '../../learn/textDataset.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import { countWords, MaskedLineEncoder, mostLineChars, type TextLine } from '../../text/maskedLine.ts';
import { tokenize } from '../../text/mask.ts';
import { Tokens } from '../../text/tokens.ts';
import type { TextDataMethods, TextSource } from './textData.ts';

const pageRows = 5000;

type Run = { signal: AbortSignal; progress: (value: { rows: number }) => void };
type Visit = (raw: string, line: TextLine, tokens: Tokens, row: number, source: TextSource) => void;

let store: Client<StoreMethods> | undefined;

/** Every event of the sources, masked, in order. Between pages others are let in, and a cancel is seen. */
async function eachLine(sources: readonly TextSource[], { signal, progress }: Run, visit: Visit): Promise<void> {
  if (!store) throw new AppError('INTERNAL', 'The thread that reads text was asked before it was opened.');
  const tokens = new Tokens();
  let rows = 0;
  for (const source of sources) {
    const { sourceId, format, assumption, rowCount } = source;
    const parse = createLineParser(format === 'sequences' ? 'plain' : format, assumption);
    let row = 0;
    for (let after = 0; row < rowCount;) {
      const limit = Math.min(pageRows, rowCount - row);
      const input = { sourceId, afterEventId: after, limit, maxChars: mostLineChars };
      const { lastEventId, raws } = await store.call('read_raws', input, { signal });
      if (lastEventId === after) break;
      for (const raw of raws) {
        const line = parse(raw);
        visit(raw, line, tokenize(raw, line.message, tokens), row++, source);
      }
      after = lastEventId;
      rows += raws.length;
      progress({ rows });
    }
  }
}

async function countWordsOf({ sources }: TextDataMethods['count_words']['input'], run: Run) {
  const counts = new WordCounts();
  const training = sources.map((source) => ({ ...source, rowCount: source.cuts.trainingEnd }));
  await eachLine(training, run, (raw, line, tokens) => countWords(raw, line, tokens, counts));
  const words = counts.pack();
  return new Transferred({ words }, [words.characters.buffer, words.offsets.buffer, words.counts.buffer]);
}

async function encode({ sources, tokenizerDirectory }: TextDataMethods['encode']['input'], run: Run) {
  const encoder = new MaskedLineEncoder(new BpeTokenizer(await readTokenizerFolder(tokenizerDirectory)));
  const dataset = new TextDataset();
  const encoded = new Encoded();
  await eachLine(sources, run, (raw, line, tokens, row, { cuts }) =>
    dataset.add(encoder.encode(raw, line, tokens, encoded.clear()), partOf(row, cuts)),
  );
  const { sequences: training, weights: trainingWeights } = dataset.training();
  const validation = dataset.validation();
  const buffers = [training.ids, training.offsets, trainingWeights, validation.ids, validation.offsets];
  return new Transferred(
    { training, trainingWeights, validation, leftOut: dataset.leftOut },
    buffers.map(({ buffer }) => buffer),
  );
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
