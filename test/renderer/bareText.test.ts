/**
 * @file Text of logs, bundles and people reaches the screen through LogText or revealText. Catches a component that prints it bare: characters that
 * hide or reorder would then change what stands around them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../src/renderer');
const fields = [
  ...[
    'title',
    'excerpt',
    'template',
    'reasonText',
    'reading',
    'raw',
    'sourceName',
    'subject',
    'learnedFrom',
    'modelName',
    'judgedBy',
  ],
  ...['owner', 'analyst', 'doneBy', 'addedBy', 'keptBy', 'exportedBy', 'importedBy'],
];
/** What is handed to a component that shows it so, or stands in a field that its reader types in. */
const bare = new RegExp(
  String.raw`(?<!(?:text|source|value|title|label|subject)=)\{(?:\w+\??\.)+(?:${fields.join('|')})(?: \?\? '')?\}`,
  'g',
);
/** Titles of our own. */
const own = /\{(?:command|place|section|step|curve)\.title\}/;

function markupOf(path: string): string {
  return readFileSync(path, 'utf8')
    .replace(/<script[\s\S]*?<\/script>/g, '')
    .replace(/<style[\s\S]*?<\/style>/g, '');
}

it('no component prints it bare', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.svelte'));
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((name) =>
    [...markupOf(join(root, name)).matchAll(bare)]
      .map(([text]) => `${name}: ${text}`)
      .filter((text) => !own.test(text)),
  );
  expect(found).toEqual([]);
});
