/** @file Keyed hashes of words: templates keep these instead of text, so that erasing a line erases its words. */
import { hash } from 'node:crypto';

const cacheSize = 1 << 16;
/** Texts up to this length are kept, and hashed in buffers that are there already. */
const keptLength = 128;
/** V8 copies shorter slices of a string; longer ones keep the whole line alive. */
const copiedLength = 12;
const blockBytes = 64;
const digestBytes = 32;

/**
 * A function from text to a positive 53-bit integer: HMAC-SHA256 under `key`, with the lowest bit telling whether the text holds an
 * ASCII digit (templates need that when they are restored). Recent results are kept, at most 2 x 65,536.
 */
export function createKeyedHash(key: Uint8Array): (text: string) => number {
  const hmac = new ShortHmac(key);
  // Two generations: when the young one is full it becomes the old one, and what is still in use moves over.
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const result = old.get(text) ?? hmac.number(text) + (hasDigit(text) ? 1 : 0);
    if (text.length > keptLength) return result;
    if (young.size >= cacheSize) {
      old = young;
      young = new Map();
    }
    young.set(text.length > copiedLength ? Buffer.from(text, 'utf16le').toString('utf16le') : text, result);
    return result;
  };
}

/** HMAC-SHA256 (RFC 2104) by two one-shot hashes: an Hmac object costs ten times as much, which a flood of new words would pay. */
class ShortHmac {
  readonly #inner = Buffer.alloc(blockBytes + 2 * keptLength);
  readonly #outer = Buffer.alloc(blockBytes + digestBytes);

  constructor(key: Uint8Array) {
    const block = Buffer.alloc(blockBytes);
    block.set(key.length > blockBytes ? hash('sha256', key, 'buffer') : key);
    for (let index = 0; index < blockBytes; index++) {
      this.#inner[index] = (block[index] ?? 0) ^ 0x36;
      this.#outer[index] = (block[index] ?? 0) ^ 0x5c;
    }
  }

  /** The first 52 bits of the HMAC of the text's UTF-16, doubled; never 0. UTF-8 would take lone surrogates for each other. */
  number(text: string): number {
    const inner = text.length <= keptLength ? this.#inner : Buffer.alloc(blockBytes + 2 * text.length);
    if (inner !== this.#inner) this.#inner.copy(inner, 0, 0, blockBytes);
    const length = inner.write(text, blockBytes, 'utf16le');
    this.#outer.write(hash('sha256', inner.subarray(0, blockBytes + length), 'binary'), blockBytes, 'binary');
    const digest = hash('sha256', this.#outer, 'buffer');
    const even = (digest.readUInt32BE(0) & 0x1f_ffff) * 2 ** 32 + digest.readUInt32BE(4);
    return even - (even % 2) || 2;
  }
}

/** Whether a word with this hash holds a digit. */
export function hashHasDigit(hash: number): boolean {
  return (hash & 1) === 1;
}

function hasDigit(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character >= 48 && character <= 57) return true;
  }
  return false;
}
