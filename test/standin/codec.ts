/**
 * @file Structured clones as text, for the one hop that knows only text (page to main and back). `createCodec` is self-contained: its source
 * also runs in the page. Values come out of `structuredClone`, so what is left to refuse is what Electron's IPC refuses, too: blobs and DOM objects.
 */

export type Codec = { encode: (value: unknown) => string; decode: (text: string) => unknown };

export function createCodec(): Codec {
  type Node = [tag: string, ...parts: unknown[]];
  const refuse = (): never => {
    throw new Error('An object could not be cloned.');
  };
  const bytesToText = (bytes: Uint8Array): string => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  };
  const textToBytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const globals = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;

  const encode = (value: unknown): string => {
    const nodes: Node[] = [];
    const seen = new Map<unknown, number>();
    const describe = (item: object): Node => {
      if (Array.isArray(item))
        return ['array', item.length, Object.keys(item).map((key) => [key, put(item[Number(key)])])];
      if (item instanceof Date) return ['date', put(item.getTime())];
      if (item instanceof RegExp) return ['regexp', item.source, item.flags];
      if (item instanceof Map) return ['map', [...item].map(([key, entry]) => [put(key), put(entry)])];
      if (item instanceof Set) return ['set', [...item].map((entry) => put(entry))];
      if (item instanceof ArrayBuffer) return ['buffer', bytesToText(new Uint8Array(item))];
      if (ArrayBuffer.isView(item)) {
        const length = (item as Uint8Array).length ?? item.byteLength;
        return ['view', item.constructor.name, put(item.buffer), item.byteOffset, length];
      }
      if (item instanceof Error) return ['error', item.name, item.message, item.stack ?? ''];
      const prototype: unknown = Object.getPrototypeOf(item);
      if (prototype !== Object.prototype && prototype !== null) return refuse();
      return ['object', Object.entries(item).map(([key, entry]) => [key, put(entry)])];
    };
    const put = (item: unknown): number => {
      const known = seen.get(item);
      if (known !== undefined) return known;
      const index = nodes.push(['pending']) - 1;
      if (typeof item === 'object' && item !== null) {
        seen.set(item, index);
        nodes[index] = describe(item);
      } else if (item === undefined) nodes[index] = ['undefined'];
      else if (typeof item === 'bigint') nodes[index] = ['bigint', String(item)];
      else if (typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0)))
        nodes[index] = ['number', Object.is(item, -0) ? '-0' : String(item)];
      else if (typeof item === 'function' || typeof item === 'symbol') return refuse();
      else nodes[index] = ['plain', item];
      return index;
    };
    put(value);
    return JSON.stringify(nodes);
  };

  const decode = (text: string): unknown => {
    const nodes = JSON.parse(text) as Node[];
    const made = new Map<number, unknown>();
    const keep = <T>(index: number, item: T): T => {
      made.set(index, item);
      return item;
    };
    const get = (index: number): unknown => {
      if (made.has(index)) return made.get(index);
      const [tag, a, b, c, d] = nodes[index] ?? refuse();
      const pairs = a as [number, number][];
      if (tag === 'undefined') return undefined;
      if (tag === 'plain') return a;
      if (tag === 'bigint') return BigInt(a as string);
      if (tag === 'number') return Number(a);
      if (tag === 'date') return keep(index, new Date(get(a as number) as number));
      if (tag === 'regexp') return keep(index, new RegExp(a as string, b as string));
      if (tag === 'buffer') return keep(index, textToBytes(a as string).buffer);
      if (tag === 'view') return keep(index, new (globals[a as string] ?? refuse())(get(b as number), c, d));
      if (tag === 'error') {
        const error = keep(index, new Error(b as string));
        return Object.assign(error, { name: a, stack: c });
      }
      if (tag === 'map') {
        const map = keep(index, new Map<unknown, unknown>());
        for (const [key, entry] of pairs) map.set(get(key), get(entry));
        return map;
      }
      if (tag === 'set') {
        const set = keep(index, new Set<unknown>());
        for (const entry of a as number[]) set.add(get(entry));
        return set;
      }
      if (tag === 'array') {
        const list = keep(index, new Array<unknown>(a as number));
        for (const [key, entry] of b as [string, number][]) list[Number(key)] = get(entry);
        return list;
      }
      const object = keep(index, {});
      for (const [key, entry] of a as [string, number][])
        Object.defineProperty(object, key, { value: get(entry), enumerable: true, configurable: true, writable: true });
      return object;
    };
    return get(0);
  };
  return { encode, decode };
}
