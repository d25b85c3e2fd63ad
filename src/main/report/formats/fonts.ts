/** @file The fonts of PDF reports and what they can draw: DejaVu, embedded in part. A character that they lack is written by its code point. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openSync } from 'fontkit';

const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const path = (name: string): string => join(folder, `${name}.ttf`);

export const fontFiles = {
  sans: path('DejaVuSansCondensed'),
  sansBold: path('DejaVuSansCondensed-Bold'),
  mono: path('DejaVuSansMono'),
  monoBold: path('DejaVuSansMono-Bold'),
} as const;

function charactersOf(file: string): ReadonlySet<number> {
  const font = openSync(file);
  return new Set('characterSet' in font ? font.characterSet : []);
}

/** Scripts that are written from the right or joined, which the layout would draw in the wrong order. */
const needsShaping =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Devanagari}\p{Script=Thai}]/u;

export type Drawable = (text: string) => string;

/** What both fonts have stays; the rest becomes `[U+6F22]`, one after the other. */
export function createDrawable(): Drawable {
  const sans = charactersOf(fontFiles.sans);
  const mono = charactersOf(fontFiles.mono);
  const known = (character: string): boolean => {
    const code = character.codePointAt(0) ?? 0;
    return sans.has(code) && mono.has(code) && !needsShaping.test(character);
  };
  return (text) =>
    /^[ -~]*$/.test(text)
      ? text
      : text.replace(/[^ -~]/gu, (character) =>
          known(character)
            ? character
            : `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
        );
}
