/** @file One hash over the lines of a source as they were read. Tells whether a file still says what was read from it. */
import { createHash } from 'node:crypto';

export class EventDigest {
  readonly #hash = createHash('sha256');

  /** Events in their order. Numbers and lengths go in before the text: no text passes for another cut of the same characters. */
  add(lineNumber: number, raw: string, rawBytes: Uint8Array | null | undefined): void {
    this.#hash.update(`${lineNumber} ${raw.length} ${rawBytes?.length ?? 0} ${raw}`);
    if (rawBytes) this.#hash.update(rawBytes);
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}
