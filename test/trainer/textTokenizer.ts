/** @file A tokenizer trained on a few words, and lines read with it. */
import { structureNames, textTokenNames } from '../../src/main/text/textTokens.ts';
import { readTokenizerFolder } from '../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { WordCounts } from '../../src/shared/bpe/wordCounts.ts';
import { keyTokens } from '../../src/shared/sequences.ts';
import { trainTokenizer } from '../../trainer/tokenizer/train.ts';
import { emptyFolder } from './textTrainingInput.ts';

const lines = ['session opened for user', 'session closed for user', 'connection reset by peer'];

export async function trainedTokenizer(): Promise<{ directory: string; ids: number[][] }> {
  const directory = emptyFolder();
  const words = new WordCounts();
  for (const line of lines) words.add(line, 0, line.length, 3);
  const { begin, end, padding, separator } = structureNames;
  await trainTokenizer(
    {
      directory,
      words: words.pack(),
      namedTokens: textTokenNames,
      roles: { begin, end, padding, separator },
      vocabularySize: 400,
      minimumCount: 2,
    },
    { signal: new AbortController().signal, progress: () => undefined },
  );
  const tokenizer = new BpeTokenizer(await readTokenizerFolder(directory));
  const ids = lines.map((line) => {
    const { ids, length } = tokenizer.encode(line);
    return [keyTokens.begin, ...ids.subarray(0, length), keyTokens.end];
  });
  return { directory, ids };
}
