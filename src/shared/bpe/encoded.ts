/** @file Token ids with the characters they stand for. */

/**
 * Struct of arrays that grows and is filled again: encoding a line allocates nothing. Token i stands for the UTF-16 units
 * `starts[i] .. ends[i]`. A token that holds only the rest of a character has an empty span behind it: its bits are that character's too.
 */
export class Encoded {
  length = 0;
  ids: Int32Array = new Int32Array(256);
  starts: Int32Array = new Int32Array(256);
  ends: Int32Array = new Int32Array(256);

  clear(): this {
    this.length = 0;
    return this;
  }

  add(id: number, start: number, end: number): void {
    if (this.length === this.ids.length) this.#grow();
    const index = this.length++;
    this.ids[index] = id;
    this.starts[index] = start;
    this.ends[index] = end;
  }

  #grow(): void {
    const larger = (values: Int32Array): Int32Array => {
      const copy = new Int32Array(values.length * 2);
      copy.set(values);
      return copy;
    };
    this.ids = larger(this.ids);
    this.starts = larger(this.starts);
    this.ends = larger(this.ends);
  }
}
