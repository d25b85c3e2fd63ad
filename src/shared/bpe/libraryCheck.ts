/**
 * @file A tokenizer that somebody else made, taken in only if our encoder gives what `@huggingface/tokenizers` gives with the same file: the
 * library defines every tokenizer, ours is the fast way to the same ids. For imports; a model's own folder was checked when it came.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { BpeDefinition } from './definition.ts';
import { readTokenizerFolder } from './folder.ts';
import { BpeTokenizer } from './tokenizer.ts';
import { formatTokenizerJson } from './writeFiles.ts';

/** What tells one pattern, alphabet or order of merges from another. */
const probes: readonly string[] = [
  'Failed password for invalid user admin from 203.0.113.77 port 40022 ssh2',
  ' leading blank, trailing blank ',
  'two  blanks\tand a tab \r\n\r\n  end',
  "it's they're we'll I'd DON'T 's 're",
  '2026-09-10T03:14:15.021Z [12345.678901] 0x45E1 1,532 100%',
  '{"path":"C:\\\\Windows\\\\System32","ip":"fe80::1%eth0","list":[1,2]}',
  'GET /a/b.php?id=1%27%20OR%201=1--&x=../../etc/passwd HTTP/1.1',
  'internationalization antidisestablishmentarianism aaaaaaaaaaaaaaaaaaaaaaaa',
  'ünïcödé Straße 你好，世界 Привет मानक ٣٤ ½ 😀👩\u200d👧 \ufffd',
  '\0\u0001\u001b[31m\u007f\u00a0\u00ad\u2028',
  '=====-----_____.....!!!!!?????',
];

/** As `readTokenizerFolder`; throws BAD_INPUT too where the library gives other ids. */
export async function readForeignTokenizer(directory: string): Promise<BpeDefinition> {
  const definition = await readTokenizerFolder(directory);
  const tokenizer = new BpeTokenizer(definition);
  const json =
    (await readFile(join(directory, 'tokenizer.json'), 'utf8').catch(() => undefined)) ??
    formatTokenizerJson(definition);
  // Only here: nobody else should load it for nothing.
  const { Tokenizer } = await import('@huggingface/tokenizers');
  const library = new Tokenizer(JSON.parse(json) as object, { clean_up_tokenization_spaces: false });
  for (const probe of probes) {
    const { ids, length } = tokenizer.encode(probe);
    const expected: readonly number[] = library.encode(probe, { add_special_tokens: false }).ids;
    if (length === expected.length && expected.every((id, index) => ids[index] === id)) continue;
    throw new AppError(
      'BAD_INPUT',
      `The tokenizer in ${directory} is of a kind that is not supported: Hugging Face's library reads ${JSON.stringify(probe)} otherwise.`,
    );
  }
  return definition;
}
