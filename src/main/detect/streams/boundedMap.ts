/**
 * @file Values by keys that somebody else may choose, such as names of users: bounded. Where there are too many keys, those that came least often
 * go (lossy counting): what is left is exact but for what was seen before it went.
 */

export class BoundedMap<Key, Value> {
  readonly entries = new Map<Key, Value>();
  readonly #most: number;
  readonly #weightOf: (value: Value) => number;

  constructor(most: number, weightOf: (value: Value) => number) {
    this.#most = most;
    this.#weightOf = weightOf;
  }

  get(key: Key, make: () => Value): Value {
    let value = this.entries.get(key);
    if (value === undefined) {
      if (this.entries.size >= this.#most) this.#letGo();
      value = make();
      this.entries.set(key, value);
    }
    return value;
  }

  /** Half of them: those with the least weight, of equals the earliest. */
  #letGo(): void {
    const weights = Float64Array.from(this.entries.values(), this.#weightOf).sort();
    const border = weights[weights.length >> 1] ?? 0;
    let left = weights.length >> 1;
    for (const [key, value] of this.entries) {
      if (left === 0) break;
      if (this.#weightOf(value) > border) continue;
      this.entries.delete(key);
      left--;
    }
  }
}
