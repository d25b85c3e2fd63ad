/** @file Arrays of numbers in a pickle: the few names of NumPy that they are written with, each of which stands for a function of ours. */
import { numbersOf, type NumberArray } from './npy.ts';
import { refusePickle } from './pickleBytes.ts';

/** A list that holds itself is possible: whoever walks it must not trust its depth. */
export type PickleValue =
  null | boolean | number | string | Uint8Array | PickleValue[] | Map<PickleValue, PickleValue> | PickledArray;

/** Filled when its state comes. */
export class PickledArray {
  value: NumberArray | null = null;
}
export class PickledType {
  readonly code: string;
  order = '<';
  constructor(code: string) {
    this.code = code;
  }
  get descr(): string {
    return `${/^[biuf]1$/.test(this.code) ? '|' : this.order}${this.code}`;
  }
}
export class Name {
  readonly text: (typeof knownNames)[number];
  constructor(text: (typeof knownNames)[number]) {
    this.text = text;
  }
}
/** Where a list or a dictionary begins, until it is one. */
export const mark = Symbol('mark');
/** What may lie on the stack. */
export type PickleItem = PickleValue | PickledType | Name | typeof mark;

/** With NumPy 2's `numpy._core` written as `numpy.core`. */
const knownNames = [
  'numpy.core.multiarray _reconstruct',
  'numpy.core.multiarray scalar',
  'numpy.core.numeric _frombuffer',
  'numpy ndarray',
  'numpy dtype',
  '_codecs encode',
] as const;

/** Of all arrays together, and bytes made out of text: the same bytes may be named again and again. */
const mostNumbers = 4_000_000;

export class PickledArrays {
  #numbers = 0;

  /** A known name with its arguments. */
  call(name: PickleItem, args: PickleItem): PickleItem {
    if (!(name instanceof Name) || !Array.isArray(args)) return refusePickle('calls what is no array of NumPy.');
    const [first, second, third, fourth] = args as PickleItem[];
    switch (name.text) {
      case 'numpy.core.multiarray _reconstruct':
        if (!(first instanceof Name) || first.text !== 'numpy ndarray')
          return refusePickle('makes what is no array of NumPy.');
        return new PickledArray();
      case 'numpy dtype':
        if (typeof first !== 'string') return refusePickle('has an array of an unknown type.');
        return new PickledType(first);
      case 'numpy.core.multiarray scalar': {
        if (!(first instanceof PickledType) || !(second instanceof Uint8Array))
          return refusePickle('has a number without a type.');
        return this.#arrayOf(second, first, [], false).data[0] ?? 0;
      }
      case 'numpy.core.numeric _frombuffer': {
        if (!(first instanceof Uint8Array) || !(second instanceof PickledType))
          return refusePickle('has an array without a type.');
        const array = new PickledArray();
        array.value = this.#arrayOf(first, second, third, fourth === 'F');
        return array;
      }
      case '_codecs encode':
        if (typeof first !== 'string' || second !== 'latin1') return refusePickle('encodes text in an unknown way.');
        this.#count(first.length);
        return Uint8Array.from(first, (character) => character.charCodeAt(0));
      case 'numpy ndarray':
        return refusePickle('makes what is no array of NumPy.');
    }
  }

  /** The state of an array or of its type. */
  setState(of: PickleItem, state: PickleItem): void {
    if (!Array.isArray(state)) return refusePickle('sets the state of what has none.');
    const items = state as PickleItem[];
    if (of instanceof PickledType) {
      const order = items[1];
      if (order !== '<' && order !== '>' && order !== '|' && order !== '=')
        return refusePickle('has an array of an unknown type.');
      of.order = order;
      return;
    }
    if (!(of instanceof PickledArray) || of.value) return refusePickle('sets the state of what has none.');
    const [, shape, type, isFortran, content] = items;
    if (!(type instanceof PickledType)) return refusePickle('has an array of an unknown type.');
    if (!(content instanceof Uint8Array))
      return refusePickle('has an array of Python objects, which may hold code; only arrays of numbers are read.');
    of.value = this.#arrayOf(content, type, shape, isFortran === true);
  }

  #arrayOf(content: Uint8Array, type: PickledType, shape: PickleItem | undefined, isFortran: boolean): NumberArray {
    const isShape = Array.isArray(shape) && shape.every((n) => typeof n === 'number' && Number.isInteger(n) && n >= 0);
    if (!isShape) return refusePickle('has an array without a shape.');
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
    if (this.#numbers > 8 * mostNumbers) refusePickle('has arrays that are too large.');
  }
}

/** Throws BAD_INPUT for any other. */
export function nameOf(module: string, name: string): Name {
  const written = `${module.replace(/^numpy\._core\b/, 'numpy.core')} ${name}`;
  const known = knownNames.find((text) => text === written);
  if (known) return new Name(known);
  return refusePickle(
    `names ${JSON.stringify(written.slice(0, 80))}, which is not part of text, numbers, lists, dictionaries or arrays. Nothing of it was run.`,
  );
}
