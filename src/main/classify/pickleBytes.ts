/** @file The bytes of a pickle from the first to the last, as the numbers and texts that its instructions have behind them. */
import { AppError } from '../../shared/errors.ts';

export function refusePickle(what: string): never {
  throw new AppError('BAD_INPUT', `The pickle ${what}`);
}

/** Throws BAD_INPUT where they end too soon. */
export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Place of the next byte. */
  get at(): number {
    return this.#at;
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  /** Of all numbers the only one that is written with its first byte first. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  skipLength(): void {
    this.#take(8);
  }

  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.slice(at, at + count);
  }

  text(count: number): string {
    const at = this.#take(count);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + count));
  }

  latin(count: number): string {
    const at = this.#take(count);
    return new TextDecoder('latin1').decode(this.#bytes.subarray(at, at + count));
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) return refusePickle('is cut off.');
    const text = this.latin(end - this.#at);
    this.#at = end + 1;
    return text;
  }

  long(count: number): number {
    const at = this.#take(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i] ?? 0);
    return Number(BigInt.asIntN(8 * count, value));
  }

  #take(count: number): number {
    const at = this.#at;
    if (!(count >= 0) || at + count > this.#bytes.length) return refusePickle('is cut off.');
    this.#at += count;
    return at;
  }
}
