/**
 * @file Python pickles as data: text, numbers, lists, tuples, dictionaries, and NumPy arrays of numbers. A pickle is a program; this reads the
 * few instructions that such data is written with and refuses every other. Nothing is imported, called or executed: the only names that are
 * known are NumPy's own for an array, and they stand for functions of ours.
 */
import { AppError } from '../../shared/errors.ts';
import { numbersOf, type NumberArray } from './npy.ts';

/** A list that holds itself is possible: whoever walks it must not trust its depth. */
export type PickleValue =
  null | boolean | number | string | Uint8Array | PickleValue[] | Map<PickleValue, PickleValue> | PickledArray;

/** Filled when its state comes. */
export class PickledArray {
  value: NumberArray | null = null;
}
class PickledType {
  readonly code: string;
  order = '<';
  constructor(code: string) {
    this.code = code;
  }
  get descr(): string {
    return `${/^[biuf]1$/.test(this.code) ? '|' : this.order}${this.code}`;
  }
}
class Name {
  readonly text: (typeof knownNames)[number];
  constructor(text: (typeof knownNames)[number]) {
    this.text = text;
  }
}
const mark = Symbol('mark');
type Item = PickleValue | PickledType | Name | typeof mark;

/** With NumPy 2's `numpy._core` written as `numpy.core`. */
const knownNames = [
  'numpy.core.multiarray _reconstruct',
  'numpy.core.multiarray scalar',
  'numpy.core.numeric _frombuffer',
  'numpy ndarray',
  'numpy dtype',
  '_codecs encode',
] as const;

const mostItems = 2_000_000;
/** Of all arrays together, and bytes made out of text: the same bytes may be named again and again. */
const mostNumbers = 4_000_000;

/** Throws BAD_INPUT. Memory is bounded by the size of `bytes`, and by a few million items. */
export function readPickle(bytes: Uint8Array): PickleValue {
  return new Reader(bytes).read();
}

function refuse(what: string): never {
  throw new AppError('BAD_INPUT', `The pickle ${what}`);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: Item[] = [];
  readonly #memo = new Map<number, Item>();
  #at = 0;
  #instructions = 0;
  #numbers = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): PickleValue {
    for (;;) {
      const opcode = this.#byte();
      if (opcode === 0x2e) return asValue(this.#pop()); // STOP
      this.#do(opcode);
      if (++this.#instructions > 4 * mostItems) refuse(`has more than ${4 * mostItems} instructions.`);
    }
  }

  #do(opcode: number): void {
    switch (String.fromCharCode(opcode)) {
      case '\x80': // PROTO
        if (this.#byte() > 5) refuse('is of a later protocol than 5.');
        return;
      case '\x95': // FRAME
        this.#skipLength();
        return;
      case '(':
        return this.#push(mark);
      case '0': // POP
        this.#pop();
        return;
      case '1': // POP_MARK
        this.#untilMark();
        return;
      case '2': // DUP
        return this.#push(this.#top());
      case 'N':
        return this.#push(null);
      case '\x88':
        return this.#push(true);
      case '\x89':
        return this.#push(false);
      case 'I': {
        const text = this.#line();
        if (text === '00' || text === '01') return this.#push(text === '01');
        return this.#push(whole(text));
      }
      case 'L':
        return this.#push(whole(this.#line().replace(/L$/, '')));
      case 'J':
        return this.#push(this.#view.getInt32(this.#take(4), true));
      case 'K':
        return this.#push(this.#byte());
      case 'M':
        return this.#push(this.#view.getUint16(this.#take(2), true));
      case '\x8a': // LONG1
        return this.#push(this.#long(this.#byte()));
      case 'F': {
        const value = Number(this.#line());
        return this.#push(value);
      }
      case 'G':
        return this.#push(this.#view.getFloat64(this.#take(8), false));
      case 'V': // UNICODE, escaped as in Python's raw-unicode-escape
        return this.#push(
          this.#line().replace(/\\u([0-9a-f]{4})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))),
        );
      case '\x8c':
        return this.#push(this.#text(this.#byte()));
      case 'X':
        return this.#push(this.#text(this.#u32()));
      case '\x8d':
        return this.#push(this.#text(this.#u64()));
      case 'U': // SHORT_BINSTRING, Python 2: bytes that were text
        return this.#push(this.#latin(this.#byte()));
      case 'T':
        return this.#push(this.#latin(this.#u32()));
      case 'C':
        return this.#push(this.#raw(this.#byte()));
      case 'B':
        return this.#push(this.#raw(this.#u32()));
      case '\x8e':
      case '\x96': // BINBYTES8, BYTEARRAY8
        return this.#push(this.#raw(this.#u64()));
      case ']':
        return this.#push([]);
      case 'l':
        return this.#push(this.#untilMark().map(asValue));
      case ')':
        return this.#push([]);
      case 't':
        return this.#push(this.#untilMark() as PickleValue[]); // arguments of a known name may be in it
      case '\x85':
        return this.#tuple(1);
      case '\x86':
        return this.#tuple(2);
      case '\x87':
        return this.#tuple(3);
      case 'a': {
        const value = asValue(this.#pop());
        return void this.#list().push(value);
      }
      case 'e': {
        const values = this.#untilMark().map(asValue);
        const list = this.#list();
        for (const value of values) list.push(value);
        return;
      }
      case '}':
        return this.#push(new Map());
      case 'd':
        return this.#push(setPairs(new Map(), this.#untilMark()));
      case 's': {
        const value = this.#pop();
        const key = this.#pop();
        return void setPairs(this.#dictionary(), [key, value]);
      }
      case 'u': {
        const items = this.#untilMark();
        return void setPairs(this.#dictionary(), items);
      }
      case 'p':
        return this.#remember(Number(this.#line()));
      case 'q':
        return this.#remember(this.#byte());
      case 'r':
        return this.#remember(this.#u32());
      case '\x94': // MEMOIZE
        return this.#remember(this.#memo.size);
      case 'g':
        return this.#recall(Number(this.#line()));
      case 'h':
        return this.#recall(this.#byte());
      case 'j':
        return this.#recall(this.#u32());
      case 'c': {
        const module = this.#line();
        return this.#push(nameOf(module, this.#line()));
      }
      case '\x93': {
        const [name, module] = [this.#pop(), this.#pop()];
        if (typeof name !== 'string' || typeof module !== 'string') return refuse('names what is no name.');
        return this.#push(nameOf(module, name));
      }
      case 'R':
        return this.#reduce();
      case 'b':
        return this.#build();
      default:
        return refuse(
          `holds the instruction 0x${opcode.toString(16)} at byte ${this.#at - 1}, which is not one of text, numbers, lists, dictionaries or arrays. Nothing of it was run.`,
        );
    }
  }

  /** A known name with its arguments. */
  #reduce(): void {
    const [args, name] = [this.#pop(), this.#pop()];
    if (!(name instanceof Name) || !Array.isArray(args)) return refuse('calls what is no array of NumPy.');
    const [first, second, third, fourth] = args as Item[];
    switch (name.text) {
      case 'numpy.core.multiarray _reconstruct':
        if (!(first instanceof Name) || first.text !== 'numpy ndarray')
          return refuse('makes what is no array of NumPy.');
        return this.#push(new PickledArray());
      case 'numpy dtype':
        if (typeof first !== 'string') return refuse('has an array of an unknown type.');
        return this.#push(new PickledType(first));
      case 'numpy.core.multiarray scalar': {
        if (!(first instanceof PickledType) || !(second instanceof Uint8Array))
          return refuse('has a number without a type.');
        return this.#push(this.#arrayOf(second, first, [], false).data[0] ?? 0);
      }
      case 'numpy.core.numeric _frombuffer': {
        if (!(first instanceof Uint8Array) || !(second instanceof PickledType))
          return refuse('has an array without a type.');
        const array = new PickledArray();
        array.value = this.#arrayOf(first, second, third, fourth === 'F');
        return this.#push(array);
      }
      case '_codecs encode':
        if (typeof first !== 'string' || second !== 'latin1') return refuse('encodes text in an unknown way.');
        this.#count(first.length);
        return this.#push(Uint8Array.from(first, (character) => character.charCodeAt(0)));
      case 'numpy ndarray':
        return refuse('makes what is no array of NumPy.');
    }
  }

  /** The state of an array or of its type. */
  #build(): void {
    const state = this.#pop() as Item;
    const of = this.#top();
    if (!Array.isArray(state)) return refuse('sets the state of what has none.');
    const items = state as Item[];
    if (of instanceof PickledType) {
      const order = items[1];
      if (order !== '<' && order !== '>' && order !== '|' && order !== '=')
        return refuse('has an array of an unknown type.');
      of.order = order;
      return;
    }
    if (!(of instanceof PickledArray) || of.value) return refuse('sets the state of what has none.');
    const [, shape, type, isFortran, content] = items;
    if (!(type instanceof PickledType)) return refuse('has an array of an unknown type.');
    if (!(content instanceof Uint8Array))
      return refuse('has an array of Python objects, which may hold code; only arrays of numbers are read.');
    of.value = this.#arrayOf(content, type, shape, isFortran === true);
  }

  #arrayOf(content: Uint8Array, type: PickledType, shape: Item | undefined, isFortran: boolean): NumberArray {
    const isShape = Array.isArray(shape) && shape.every((n) => typeof n === 'number' && Number.isInteger(n) && n >= 0);
    if (!isShape) return refuse('has an array without a shape.');
    this.#count(content.length);
    const { descr } = type;
    return numbersOf(content, {
      descr,
      isFortran,
      shape: shape as number[],
      name: 'An array',
      mostElements: mostNumbers,
    });
  }

  #count(numbers: number): void {
    this.#numbers += numbers;
    if (this.#numbers > 8 * mostNumbers) refuse('has arrays that are too large.');
  }

  #push(item: Item): void {
    if (this.#stack.length > mostItems) refuse(`holds more than ${mostItems} items.`);
    this.#stack.push(item);
  }

  #pop(): Item {
    if (this.#stack.length === 0) return refuse('is not whole: it takes more than it has.');
    return this.#stack.pop() as Item;
  }

  #top(): Item {
    const item = this.#stack.at(-1);
    return item === undefined ? refuse('is not whole: it takes more than it has.') : item;
  }

  #untilMark(): Item[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) return refuse('is not whole: a list has no beginning.');
    const items = this.#stack.splice(at);
    return items.slice(1);
  }

  #tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.#pop()).reverse();
    this.#push(items as PickleValue[]);
  }

  #list(): PickleValue[] {
    const list = this.#top();
    return Array.isArray(list) ? list : refuse('appends to what is no list.');
  }

  #dictionary(): Map<PickleValue, PickleValue> {
    const found = this.#top();
    return found instanceof Map ? found : refuse('sets an entry of what is no dictionary.');
  }

  #remember(place: number): void {
    if (this.#memo.size > mostItems) refuse(`remembers more than ${mostItems} items.`);
    this.#memo.set(place, this.#top());
  }

  #recall(place: number): void {
    const item = this.#memo.get(place);
    this.#push(item === undefined ? refuse('recalls what it did not remember.') : item);
  }

  #take(count: number): number {
    const at = this.#at;
    if (!(count >= 0) || at + count > this.#bytes.length) return refuse('is cut off.');
    this.#at += count;
    return at;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  #u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #u64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  #skipLength(): void {
    this.#take(8);
  }

  #raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.slice(at, at + count);
  }

  #text(count: number): string {
    const at = this.#take(count);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + count));
  }

  #latin(count: number): string {
    const at = this.#take(count);
    return new TextDecoder('latin1').decode(this.#bytes.subarray(at, at + count));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) return refuse('is cut off.');
    const text = this.#latin(end - this.#at);
    this.#at = end + 1;
    return text;
  }

  #long(count: number): number {
    const at = this.#take(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i] ?? 0);
    return Number(BigInt.asIntN(8 * count, value));
  }
}

function nameOf(module: string, name: string): Name {
  const written = `${module.replace(/^numpy\._core\b/, 'numpy.core')} ${name}`;
  const known = knownNames.find((text) => text === written);
  if (known) return new Name(known);
  return refuse(
    `names ${JSON.stringify(written.slice(0, 80))}, which is not part of text, numbers, lists, dictionaries or arrays. Nothing of it was run.`,
  );
}

function setPairs(into: Map<PickleValue, PickleValue>, items: readonly Item[]): Map<PickleValue, PickleValue> {
  if (items.length % 2 !== 0) refuse('has a key without a value.');
  for (let i = 0; i < items.length; i += 2) into.set(asValue(items[i]), asValue(items[i + 1]));
  return into;
}

function asValue(item: Item | undefined): PickleValue {
  if (item === undefined || item instanceof Name || item === mark || item instanceof PickledType)
    return refuse('holds a name in the place of a value.');
  if (item instanceof PickledArray && !item.value) return refuse('has an array without elements.');
  return item;
}

function whole(text: string): number {
  return /^-?\d{1,20}$/.test(text) ? Number(text) : refuse('has a number that is none.');
}
