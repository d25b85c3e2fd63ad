/** @file Names that a log's file gets when it is rotated, and which of two is the newer: `app.log.1` before `app.log.2`, later dates before earlier. */

/** What stands behind the name of the log: a number that counts up with age, or a date. */
type Suffix = { kind: 'number'; age: number } | { kind: 'date'; text: string };

function suffixOf(base: string, name: string): Suffix | null {
  if (!name.startsWith(base) || name.length === base.length) return null;
  const separator = name.charAt(base.length);
  const text = name.slice(base.length + 1);
  if ((separator !== '.' && separator !== '-') || text === '') return null;
  if (![...text].every((character) => (character >= '0' && character <= '9') || '-_.T'.includes(character)))
    return null;
  if (separator === '.' && text.length <= 5 && !Number.isNaN(Number(text)) && !text.includes('.'))
    return { kind: 'number', age: Number(text) };
  return { kind: 'date', text };
}

/** Whether `name` is what a file named `base` may have become. Packed ones are not: their lines are elsewhere. */
export function isRotated(base: string, name: string): boolean {
  return suffixOf(base, name) !== null;
}

/** Names of files that came after the one now named `than`, the oldest first. The file that bears `base` itself is the newest and is not among them. */
export function newerThan(base: string, than: string, names: readonly string[]): string[] {
  const old = suffixOf(base, than);
  if (!old) return [];
  const found: { name: string; suffix: Suffix }[] = [];
  for (const name of names) {
    const suffix = suffixOf(base, name);
    if (suffix && suffix.kind === old.kind && isOlder(old, suffix)) found.push({ name, suffix });
  }
  return found.sort((a, b) => (isOlder(a.suffix, b.suffix) ? -1 : 1)).map(({ name }) => name);
}

function isOlder(a: Suffix, b: Suffix): boolean {
  if (a.kind === 'number' && b.kind === 'number') return a.age > b.age;
  return a.kind === 'date' && b.kind === 'date' && a.text < b.text;
}
