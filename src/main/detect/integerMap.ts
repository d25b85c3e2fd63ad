/** @file Whole numbers by whole numbers: a hash table in typed arrays, a quarter of the memory of a Map and no limit of 16 million entries. */

const empty = -1;
const mostFilled = 0.6;

/** Keys from 0 to 2 ** 53 - 1. */
export class IntegerMap {
  #keys: Float64Array;
  #values: Float64Array;
  #mask: number;
  #size = 0;

  constructor(expected = 16) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, expected / mostFilled)));
    this.#keys = new Float64Array(capacity).fill(empty);
    this.#values = new Float64Array(capacity);
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** -1 where the key is not there: values are not negative. */
  get(key: number): number {
    const place = this.#placeOf(key);
    return this.#keys[place] === empty ? -1 : (this.#values[place] ?? -1);
  }

  set(key: number, value: number): void {
    const place = this.#placeOf(key);
    this.#values[place] = value;
    if (this.#keys[place] !== empty) return;
    this.#keys[place] = key;
    this.#grow();
  }

  /** Gives the sum; a key that is not there counts from 0. */
  add(key: number, value: number): number {
    const place = this.#placeOf(key);
    if (this.#keys[place] !== empty) return (this.#values[place] = (this.#values[place] ?? 0) + value);
    this.#keys[place] = key;
    this.#values[place] = value;
    this.#grow();
    return value;
  }

  /** In no order that means anything, but always the same one. */
  *entries(): Generator<[key: number, value: number]> {
    for (let place = 0; place < this.#keys.length; place++) {
      const key = this.#keys[place] ?? empty;
      if (key !== empty) yield [key, this.#values[place] ?? 0];
    }
  }

  #placeOf(key: number): number {
    let place = Math.imul((key % 0x1_0000_0000) ^ Math.imul(Math.floor(key / 0x1_0000_0000), 0x85eb_ca6b), 0x9e37_79b1);
    place = (place ^ (place >>> 15)) & this.#mask;
    for (;;) {
      const found = this.#keys[place];
      if (found === key || found === empty) return place;
      place = (place + 1) & this.#mask;
    }
  }

  #grow(): void {
    this.#size++;
    if (this.#size < mostFilled * this.#keys.length) return;
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Float64Array(2 * keys.length).fill(empty);
    this.#values = new Float64Array(2 * keys.length);
    this.#mask = this.#keys.length - 1;
    for (let old = 0; old < keys.length; old++) {
      const key = keys[old] ?? empty;
      if (key === empty) continue;
      const place = this.#placeOf(key);
      this.#keys[place] = key;
      this.#values[place] = values[old] ?? 0;
    }
  }
}
