/** @file Data that is not part of the project and lies beside it where it is there: tests that need it skip without. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A folder of `shared/data` beside the checkout, or beside the folder of a working tree; null where there is none. */
export function dataFolder(name: string): string | null {
  const places = ['../../../shared/data/', '../../../../shared/data/'];
  const found = places.map((place) => fileURLToPath(new URL(`${place}${name}`, import.meta.url)));
  return found.find((path) => existsSync(path)) ?? null;
}
