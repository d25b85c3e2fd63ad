/** @file The part of an audit that goes with a case: each entry's own hash, and the hash before it where that entry is there, too. */
import { createHash } from 'node:crypto';
import type { ChainEntry } from '../../../shared/bundle.ts';

/** As the store makes it: SHA-256 of the previous hash and every field as one JSON array. */
export function hashOfEntry(entry: Omit<ChainEntry, 'hash'>): string {
  const { previousHash, sequence, at, analyst, action, subject, details } = entry;
  return createHash('sha256')
    .update(JSON.stringify([previousHash, sequence, at, analyst, action, subject, details]))
    .digest('hex');
}

/** Follows one chain, entry by entry, in order. */
export class ChainWalk {
  #last: ChainEntry | undefined;

  /** What is wrong with the next entry, in words; null where nothing is. */
  problem(entry: ChainEntry): string | null {
    const last = this.#last;
    this.#last = entry;
    const found = hashOfEntry(entry);
    if (found !== entry.hash) return `its hash should be ${entry.hash}, and what it says has ${found}`;
    if (last && entry.sequence <= last.sequence) return `it comes after entry ${last.sequence}`;
    if (last?.sequence === entry.sequence - 1 && entry.previousHash !== last.hash)
      return `it follows an entry with the hash ${entry.previousHash}, and the one before it has ${last.hash}`;
    return null;
  }
}
