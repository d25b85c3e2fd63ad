/** @file Standard input as something that grows: read only as far as its lines are taken, so that who writes to it waits. It has no place to go back to. */
import { read } from 'node:fs';
import type { GrowingState, Piece } from './growingFile.ts';

const mostHeldBytes = 1 << 20;
const longestLineBytes = 64 << 20;
const lineFeed = 10;

export class GrowingInput {
  readonly path = 'standard input';
  notice: string | null = null;
  #held: Buffer = Buffer.alloc(0);
  #isReading = false;
  #hasEnded = false;
  #isStart = true;
  #failure: string | null = null;
  #arrivedAt: number | null = null;
  readonly #fd: number;
  readonly #halfLineMs: number;

  constructor(fd: number, halfLineMs: number) {
    this.#fd = fd;
    this.#halfLineMs = halfLineMs;
  }

  get state(): GrowingState {
    return this.#failure === null ? { kind: 'there' } : { kind: 'failed', message: this.#failure };
  }

  get isOpen(): boolean {
    return false;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Everything was taken and nothing more comes. */
  get isOver(): boolean {
    return this.#hasEnded && this.#held.length === 0;
  }

  get lagBytes(): number {
    return this.#held.length;
  }

  get behindSince(): number | null {
    return this.#held.length > 0 ? this.#arrivedAt : null;
  }

  look(now: number): void {
    if (this.#isReading || this.#hasEnded || (this.#held.length >= mostHeldBytes && this.#held.includes(lineFeed)))
      return;
    this.#isReading = true;
    const buffer = Buffer.allocUnsafe(64 << 10);
    read(this.#fd, buffer, 0, buffer.length, null, (error, bytes) => {
      this.#isReading = false;
      if (error && error.code !== 'EOF' && error.code !== 'EAGAIN') {
        this.#failure = `Standard input could not be read (${error.code ?? error.message}).`;
        this.#hasEnded = true;
      } else if (error?.code === 'EOF' || (!error && bytes === 0)) this.#hasEnded = true;
      else if (bytes > 0) {
        this.#held = Buffer.concat([this.#held, buffer.subarray(0, bytes)]);
        this.#arrivedAt = now;
      }
    });
  }

  read(mostBytes: number, now: number): Piece | null {
    const held = this.#held;
    if (held.length === 0) return null;
    let end = held.subarray(0, mostBytes).lastIndexOf(lineFeed) + 1;
    if (end === 0) end = held.indexOf(lineFeed) + 1;
    const isQuiet = this.#hasEnded || now - (this.#arrivedAt ?? now) >= this.#halfLineMs;
    const isCut = end === 0;
    if (isCut && !isQuiet && held.length < longestLineBytes) return null;
    if (isCut) end = held.length;
    this.#held = held.subarray(end);
    const isAtStart = this.#isStart;
    this.#isStart = false;
    return { bytes: held.subarray(0, end), encoding: null, isAtStart, place: null, isCut, sizeBytes: end };
  }

  place(): null {
    return null;
  }

  rest(): void {
    // There is no handle of ours.
  }

  close(): void {
    this.#hasEnded = true;
  }
}
