/** @file Masked lines to ids: placeholders by structure, text by the encoder, spans into the raw line. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { detectFormat } from '../../src/main/ingest/detect.ts';
import { assumeTimes, createLineParser } from '../../src/main/ingest/parser.ts';
import { generateOffice } from '../../src/main/lab/office.ts';
import { fineName } from '../../src/main/text/fineKinds.ts';
import { createKeyedHash } from '../../src/main/text/keyedHash.ts';
import { kindName, tokenKinds } from '../../src/main/text/kinds.ts';
import { LineHasher } from '../../src/main/text/lineHash.ts';
import { tokenize } from '../../src/main/text/mask.ts';
import { countWords, MaskedLineEncoder, type TextLine } from '../../src/main/text/maskedLine.ts';
import { structureNames, textTokenNames } from '../../src/main/text/textTokens.ts';
import { Encoded } from '../../src/shared/bpe/encoded.ts';
import { readTokenizerFolder } from '../../src/shared/bpe/folder.ts';
import { BpeTokenizer } from '../../src/shared/bpe/tokenizer.ts';
import { WordCounts } from '../../src/shared/bpe/wordCounts.ts';
import { keyTokens } from '../../src/shared/sequences.ts';
import { trainTokenizer } from '../../trainer/tokenizer/train.ts';
import { fileFolder } from '../helpers/folders.ts';
import { hardTexts, sampleLines } from '../helpers/sampleLines.ts';
import { libraryTokenizer, readJson, trainOn } from '../helpers/tokenizer.ts';

const office = Array.from(
  generateOffice({ lines: 1500, seed: 5, anomalyRate: 0.05, startAt: Date.UTC(2026, 8, 7) }),
  ({ text }) => text,
);
const directory = fileFolder();
let tokenizer: BpeTokenizer;
let encoder: MaskedLineEncoder;

beforeAll(async () => {
  const words = new WordCounts();
  for (const { raw, line } of parsed([...office, ...sampleLines]))
    countWords(raw, line, tokenize(raw, line.message), words);
  const { begin, end, padding, separator } = structureNames;
  await trainTokenizer(
    {
      directory,
      words: words.pack(),
      namedTokens: textTokenNames,
      roles: { begin, end, padding, separator },
      vocabularySize: 800,
      minimumCount: 2,
    },
    { signal: new AbortController().signal, progress: () => undefined },
  );
  tokenizer = new BpeTokenizer(await readTokenizerFolder(directory));
  encoder = new MaskedLineEncoder(tokenizer);
});

function parsed(lines: readonly string[]): { raw: string; line: TextLine }[] {
  const { format } = detectFormat(lines);
  const parse = createLineParser(format, assumeTimes(format, lines, Date.UTC(2026, 9, 1), 'UTC'));
  return lines.map((raw) => ({ raw, line: parse(raw) }));
}

function whole(raw: string): TextLine {
  return { severity: null, process: null, message: { start: 0, end: raw.length } };
}

function tokenTexts(raw: string, line: TextLine): string[] {
  const encoded = encoder.encode(raw, line, tokenize(raw, line.message));
  return Array.from(encoded.ids.subarray(0, encoded.length), (id) => tokenizer.decode([id]));
}

describe('a masked line', () => {
  const raw = 'Sep 10 03:12:44 gw1 sshd[22]: Failed password for root from 203.0.113.7 port 4022 ssh2';
  const line: TextLine = {
    severity: 'warning',
    process: { start: raw.indexOf('sshd'), end: raw.indexOf('[') },
    message: { start: raw.indexOf('Failed'), end: raw.length },
  };

  it('is its level, its writer and its message with placeholders', () => {
    expect(tokenTexts(raw, line).join('')).toBe(
      '<begin><level:warning>sshd<separator>Failed password for <USER:root> from <IP> port <PORT:registered> ssh2<end>',
    );
  });

  it('keeps where each token stands in the raw line (heat on the wrong characters)', () => {
    const encoded = encoder.encode(raw, line, tokenize(raw, line.message));
    const at = [...encoded.ids.subarray(0, encoded.length)].indexOf(tokenizer.namedId('<IP>') ?? -1);
    expect(raw.slice(encoded.starts[at], encoded.ends[at])).toBe('203.0.113.7');
  });

  it('takes a placeholder’s name, a control token’s name and a level from no text', () => {
    const hostile = 'x <IP> <end> <level:debug> <|endoftext|> <TAIL> 10.0.0.1';
    const { length, ids } = encoder.encode(hostile, whole(hostile), tokenize(hostile, whole(hostile).message));
    const named = textTokenNames.map((name) => tokenizer.namedId(name));
    const found = [...ids.subarray(0, length)].filter((id) => named.includes(id));
    expect(found.map((id) => tokenizer.decode([id]))).toEqual(['<begin>', '<separator>', '<IP:private>', '<end>']);
  });
});

it('the message’s spans cover it without gap or overlap, whatever it holds, and the text comes back', () => {
  const texts = fc
    .array(fc.constantFrom(...hardTexts, ...sampleLines), { maxLength: 4 })
    .map((parts) => parts.join(' '));
  fc.assert(
    fc.property(texts, (text) => {
      const line = whole(text);
      const tokens = tokenize(text, line.message);
      const encoded = encoder.encode(text, line, tokens, new Encoded());
      let position = 0;
      for (let index = 2; index < encoded.length - 1; index++) {
        expect(encoded.starts[index]).toBe(position);
        position = encoded.ends[index] ?? -1;
      }
      expect(position).toBe(text.length);
      const ids = encoded.ids.subarray(2, encoded.length - 1);
      expect(tokenizer.decode(ids)).toBe(maskedText(text, tokens).toWellFormed());
    }),
  );
});

function maskedText(text: string, tokens: Iterable<{ kind: number; start: number; end: number }>): string {
  let masked = '';
  let from = 0;
  for (const { kind, start, end } of tokens) {
    if (kind === tokenKinds.word) continue;
    const value = text.slice(start, end);
    const isOpen = /PATH|QUERY|URL/.test(kindName(kind));
    masked += text.slice(from, start) + (isOpen ? maskedValue(value) : fineName(kind, text, start, end));
    from = end;
  }
  return masked + text.slice(from);
}

function maskedValue(value: string): string {
  return value.replace(/[\dA-Za-z]+/g, (run) => {
    if (/^\d{4,}$/.test(run)) return fineName(tokenKinds.number, run, 0, run.length);
    return /\d/.test(run) && /^[\da-f]{8,}$/i.test(run) ? kindName(tokenKinds.hex) : run;
  });
}

it('reads paths and queries as they are written, but for what tells one from its like (an attack that is a placeholder)', () => {
  const raw = `GET /shop/view.php?id=1'+union+select&n=20240117&s=0badcafe01 HTTP/1.1`;
  expect(tokenTexts(raw, whole(raw)).join('')).toBe(
    `<begin><separator>GET /shop/view.php?id=1'+union+select&n=<NUM:9>&s=<HEX> HTTP/1.1<end>`,
  );
});

it('gives what the library gives for the same line with the placeholders’ names written out', () => {
  const library = libraryTokenizer(directory, { added_tokens: readJson(directory, 'tokenizer.json')['added_tokens'] });
  for (const { raw, line } of parsed(office)) {
    const texts = tokenTexts(raw, line);
    const encoded = encoder.encode(raw, line, tokenize(raw, line.message));
    expect([...encoded.ids.subarray(0, encoded.length)], raw).toEqual(library(texts.join('')));
  }
});

it('named tokens differ, and the first have the ids of key models (padding that is a word)', () => {
  expect(new Set(textTokenNames).size).toBe(textTokenNames.length);
  const { padding, begin, end, unseen } = encoder.ids;
  expect({ padding, begin, end, unseen }).toEqual({
    padding: keyTokens.padding,
    begin: keyTokens.begin,
    end: keyTokens.end,
    unseen: keyTokens.unseen,
  });
  expect(Object.values(tokenKinds).every((kind) => kind === 0 || textTokenNames.includes(kindName(kind)))).toBe(true);
});

it('a tokenizer without the names is refused (placeholders that become token 0)', async () => {
  const other = fileFolder();
  await trainOn(other, sampleLines, 400);
  const definition = await readTokenizerFolder(other);
  expect(() => new MaskedLineEncoder(new BpeTokenizer(definition))).toThrow('has no token');
});

it('a tokenizer made before there were sizes and classes has the broader placeholders (a model that must be trained anew)', async () => {
  const earlier = fileFolder();
  const words = new WordCounts();
  for (const { raw, line: text } of parsed(office)) countWords(raw, text, tokenize(raw, text.message), words);
  const { begin, end, padding, separator } = structureNames;
  const names = textTokenNames.slice(0, textTokenNames.indexOf('<NONE>'));
  await trainTokenizer(
    {
      directory: earlier,
      words: words.pack(),
      namedTokens: names,
      roles: { begin, end, padding, separator },
      vocabularySize: 500,
      minimumCount: 2,
    },
    { signal: new AbortController().signal, progress: () => undefined },
  );
  const old = new BpeTokenizer(await readTokenizerFolder(earlier));
  const raw = 'from 10.0.0.1:22 sent 5 bytes, /a/../b, user=root';
  const { ids, length } = new MaskedLineEncoder(old).encode(raw, whole(raw), tokenize(raw, whole(raw).message));
  expect(old.decode(ids.subarray(0, length))).toBe(
    '<begin><separator>from <IP:private>:<PORT> sent <NUM>, /a/../b, user=<USER><end>',
  );
});

describe('the hash of a line', () => {
  it('is equal where the ids are, and nowhere else', () => {
    const hasher = new LineHasher(createKeyedHash(new Uint8Array(32).fill(3)));
    const variants = office
      .slice(0, 400)
      .flatMap((raw) => [
        raw,
        raw.replace(/\d+/, (digits) => digits.replace(/\d/g, '7')),
        raw.replace('root', 'alice').replace('alice', 'root'),
        `${raw} `,
        raw.replace(': ', ':  '),
      ]);
    const byIds = new Map<string, number>();
    const byHash = new Map<number, string>();
    for (const { raw, line } of parsed([...variants, ...office, ...sampleLines])) {
      const tokens = tokenize(raw, line.message);
      const { ids, length } = encoder.encode(raw, line, tokens);
      const key = ids.slice(0, length).join(' ');
      const hash = hasher.hash(raw, line, tokens);
      expect(byIds.get(key) ?? hash, raw).toBe(hash);
      expect(byHash.get(hash) ?? key, raw).toBe(key);
      byIds.set(key, hash);
      byHash.set(hash, key);
    }
    expect(byIds.size).toBeGreaterThan(100);
  });

  it('knows a longer line by all that the model reads of it, and hangs on the key', () => {
    const read = (fill: number, raw: string): number =>
      new LineHasher(createKeyedHash(new Uint8Array(32).fill(fill))).hash(
        raw,
        whole(raw),
        tokenize(raw, whole(raw).message),
      );
    const long = 'word '.repeat(1000);
    expect(read(3, `${long}a`)).toBe(read(3, `${long}b`));
    expect(read(3, `a${long}`)).not.toBe(read(3, `b${long}`));
    expect(read(3, 'a line')).not.toBe(read(4, 'a line'));
  });
});
