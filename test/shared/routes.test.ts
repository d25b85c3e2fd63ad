/** @file The table of routes. Catches a route that two files write, of which only the one put in last would be checked and answered. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { routes } from '../../src/shared/routes.ts';

const folder = new URL('../../src/shared/routes/', import.meta.url);

test('has each route of its files, and each once', async () => {
  const names: string[] = [];
  for (const file of readdirSync(folder)) {
    const exported = (await import(new URL(file, folder).href)) as Record<string, object>;
    for (const [name, value] of Object.entries(exported))
      if (name.endsWith('Routes')) names.push(...Object.keys(value));
  }
  expect(names.sort()).toEqual(Object.keys(routes).sort());
});
