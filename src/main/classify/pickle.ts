/**
 * @file Python pickles as data: text, numbers, lists, tuples, dictionaries, and NumPy arrays of numbers. A pickle is a program; this reads the
 * few instructions that such data is written with and refuses every other. Nothing is imported, called or executed: the only names that are
 * known are NumPy's own for an array, and they stand for functions of ours.
 */
import {
  mark,
  Name,
  nameOf,
  PickledArray,
  PickledArrays,
  PickledType,
  type PickleItem,
  type PickleValue,
} from './pickleArrays.ts';
import { PickleBytes, refusePickle } from './pickleBytes.ts';

const mostItems = 2_000_000;
/** Throws BAD_INPUT. Memory is bounded by the size of `bytes`, and by a few million items. */
export function readPickle(bytes: Uint8Array): PickleValue {
  return new Reader(bytes).read();
}

class Reader {
  readonly #bytes: PickleBytes;
  readonly #arrays = new PickledArrays();
  readonly #stack: PickleItem[] = [];
  readonly #memo = new Map<number, PickleItem>();
  #instructions = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = new PickleBytes(bytes);
  }

  read(): PickleValue {
    for (;;) {
      const opcode = this.#bytes.byte();
      if (opcode === 0x2e) return asValue(this.#pop()); // STOP
      this.#do(opcode);
      if (++this.#instructions > 4 * mostItems) refusePickle(`has more than ${4 * mostItems} instructions.`);
    }
  }

  #do(opcode: number): void {
    switch (String.fromCharCode(opcode)) {
      case '\x80': // PROTO
        if (this.#bytes.byte() > 5) refusePickle('is of a later protocol than 5.');
        return;
      case '\x95': // FRAME
        this.#bytes.skipLength();
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
        const text = this.#bytes.line();
        if (text === '00' || text === '01') return this.#push(text === '01');
        return this.#push(whole(text));
      }
      case 'L':
        return this.#push(whole(this.#bytes.line().replace(/L$/, '')));
      case 'J':
        return this.#push(this.#bytes.i32());
      case 'K':
        return this.#push(this.#bytes.byte());
      case 'M':
        return this.#push(this.#bytes.u16());
      case '\x8a': // LONG1
        return this.#push(this.#bytes.long(this.#bytes.byte()));
      case 'F': {
        const value = Number(this.#bytes.line());
        return this.#push(value);
      }
      case 'G':
        return this.#push(this.#bytes.f64());
      case 'V': // UNICODE, escaped as in Python's raw-unicode-escape
        return this.#push(
          this.#bytes
            .line()
            .replace(/\\u([0-9a-f]{4})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))),
        );
      case '\x8c':
        return this.#push(this.#bytes.text(this.#bytes.byte()));
      case 'X':
        return this.#push(this.#bytes.text(this.#bytes.u32()));
      case '\x8d':
        return this.#push(this.#bytes.text(this.#bytes.u64()));
      case 'U': // SHORT_BINSTRING, Python 2: bytes that were text
        return this.#push(this.#bytes.latin(this.#bytes.byte()));
      case 'T':
        return this.#push(this.#bytes.latin(this.#bytes.u32()));
      case 'C':
        return this.#push(this.#bytes.raw(this.#bytes.byte()));
      case 'B':
        return this.#push(this.#bytes.raw(this.#bytes.u32()));
      case '\x8e':
      case '\x96': // BINBYTES8, BYTEARRAY8
        return this.#push(this.#bytes.raw(this.#bytes.u64()));
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
        return this.#remember(Number(this.#bytes.line()));
      case 'q':
        return this.#remember(this.#bytes.byte());
      case 'r':
        return this.#remember(this.#bytes.u32());
      case '\x94': // MEMOIZE
        return this.#remember(this.#memo.size);
      case 'g':
        return this.#recall(Number(this.#bytes.line()));
      case 'h':
        return this.#recall(this.#bytes.byte());
      case 'j':
        return this.#recall(this.#bytes.u32());
      case 'c': {
        const module = this.#bytes.line();
        return this.#push(nameOf(module, this.#bytes.line()));
      }
      case '\x93': {
        const [name, module] = [this.#pop(), this.#pop()];
        if (typeof name !== 'string' || typeof module !== 'string') return refusePickle('names what is no name.');
        return this.#push(nameOf(module, name));
      }
      case 'R': {
        const args = this.#pop();
        return this.#push(this.#arrays.call(this.#pop(), args));
      }
      case 'b': {
        const state = this.#pop();
        return this.#arrays.setState(this.#top(), state);
      }
      default:
        return refusePickle(
          `holds the instruction 0x${opcode.toString(16)} at byte ${this.#bytes.at - 1}, which is not one of text, numbers, lists, dictionaries or arrays. Nothing of it was run.`,
        );
    }
  }

  #push(item: PickleItem): void {
    if (this.#stack.length > mostItems) refusePickle(`holds more than ${mostItems} items.`);
    this.#stack.push(item);
  }

  #pop(): PickleItem {
    if (this.#stack.length === 0) return refusePickle('is not whole: it takes more than it has.');
    return this.#stack.pop() as PickleItem;
  }

  #top(): PickleItem {
    const item = this.#stack.at(-1);
    return item === undefined ? refusePickle('is not whole: it takes more than it has.') : item;
  }

  #untilMark(): PickleItem[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) return refusePickle('is not whole: a list has no beginning.');
    const items = this.#stack.splice(at);
    return items.slice(1);
  }

  #tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.#pop()).reverse();
    this.#push(items as PickleValue[]);
  }

  #list(): PickleValue[] {
    const list = this.#top();
    return Array.isArray(list) ? list : refusePickle('appends to what is no list.');
  }

  #dictionary(): Map<PickleValue, PickleValue> {
    const found = this.#top();
    return found instanceof Map ? found : refusePickle('sets an entry of what is no dictionary.');
  }

  #remember(place: number): void {
    if (this.#memo.size > mostItems) refusePickle(`remembers more than ${mostItems} items.`);
    this.#memo.set(place, this.#top());
  }

  #recall(place: number): void {
    const item = this.#memo.get(place);
    this.#push(item === undefined ? refusePickle('recalls what it did not remember.') : item);
  }
}

function setPairs(into: Map<PickleValue, PickleValue>, items: readonly PickleItem[]): Map<PickleValue, PickleValue> {
  if (items.length % 2 !== 0) refusePickle('has a key without a value.');
  for (let i = 0; i < items.length; i += 2) into.set(asValue(items[i]), asValue(items[i + 1]));
  return into;
}

function asValue(item: PickleItem | undefined): PickleValue {
  if (item === undefined || item instanceof Name || item === mark || item instanceof PickledType)
    return refusePickle('holds a name in the place of a value.');
  if (item instanceof PickledArray && !item.value) return refusePickle('has an array without elements.');
  return item;
}

function whole(text: string): number {
  return /^-?\d{1,20}$/.test(text) ? Number(text) : refusePickle('has a number that is none.');
}
