/** @file Keyed hashes of words: templates keep these instead of text, so that erasing a line erases its words. */
import { createHmac } from 'node:crypto';

const cacheSize = 1 << 16;

/**
 * A function from text to a positive 53-bit integer: HMAC-SHA256 under `key`, with the lowest bit telling whether the text holds an
 * ASCII digit (templates need that when they are restored). Recent results are kept, at most 2 x 65,536 of texts up to 128 characters.
 */
export function createKeyedHash(key: Uint8Array): (text: string) => number {
  // Two generations: when the young one is full it becomes the old one, and what is still in use moves over.
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const hash = old.get(text) ?? hashOf(key, text);
    if (text.length > 128) return hash;
    if (young.size >= cacheSize) {
      old = young;
      young = new Map();
    }
    // The text may be a slice that keeps its whole line alive; the map must not.
    young.set(Buffer.from(text, 'utf16le').toString('utf16le'), hash);
    return hash;
  };
}

function hashOf(key: Uint8Array, text: string): number {
  // UTF-16, not UTF-8: lone surrogates must not fall together.
  const digest = createHmac('sha256', key).update(Buffer.from(text, 'utf16le')).digest();
  const high = digest.readUInt32BE(0) & 0x1f_ffff;
  const low = digest.readUInt32BE(4);
  const even = high * 2 ** 32 + low - (low % 2);
  return (even === 0 ? 2 : even) + (hasDigit(text) ? 1 : 0);
}

/** Whether a word with this hash holds a digit. */
export function hashHasDigit(hash: number): boolean {
  return hash % 2 === 1;
}

function hasDigit(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character >= 48 && character <= 57) return true;
  }
  return false;
}
