/** @file Makes an object say no: whatever the stand-in does not offer is refused by name, so that new uses of Electron cannot pass unseen. */

/** Names that the language itself looks up. */
const probes = new Set(['then', 'toJSON', 'constructor', 'prototype']);

function missing(name: string): Error {
  return new Error(
    `The stand-in for Electron has no ${name}. Add it to test/standin, with the meaning Electron gives it.`,
  );
}

/** `target` as it is, but for unknown properties, which throw, and methods, which keep their `this`. */
export function only<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      if (!(key in object)) {
        if (typeof key === 'symbol' || probes.has(key)) return undefined;
        throw missing(`${name}.${key}`);
      }
      const value: unknown = Reflect.get(object, key, object);
      return typeof value === 'function' && key !== 'constructor' && !isClass(value) ? value.bind(object) : value;
    },
    set(_object, key) {
      throw missing(`${name}.${String(key)} to set`);
    },
  });
}

/** Refuses options that the stand-in would silently ignore. */
export function onlyOptions(name: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) if (!known.includes(key)) throw missing(`option ${name}.${key}`);
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}
