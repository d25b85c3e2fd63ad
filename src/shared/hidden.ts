/** @file Which characters hide, reorder or end text, and the mark that is shown in the place of one: the same on screen, in reports and on a terminal. */

// Controls, format characters (bidirectional marks, zero width, tags), lone surrogates, line separators, whatever Unicode says to leave
// out when drawing (variation selectors, fillers, joiners), noncharacters, which no XML may hold, and the braille blank, which is a letter and
// empty.
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u;

/** For replacing every one of a text. */
export const hiddenCharacters = new RegExp(hidden, 'gu');

export function isHidden(codePoint: number): boolean {
  return hidden.test(String.fromCodePoint(codePoint));
}

/** ␛ for a control character (Unicode's own pictures), U+202E for the rest. */
export function markOf(codePoint: number): string {
  if (codePoint <= 0x1f) return String.fromCodePoint(0x2400 + codePoint);
  if (codePoint === 0x7f) return '␡';
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Text that may quote anything, so that it cannot steer the terminal it is printed to: only its lines and tabs stay as they are. */
export function printable(text: string): string {
  return text.replace(hiddenCharacters, (one) =>
    one === '\n' || one === '\t' ? one : markOf(one.codePointAt(0) ?? 0),
  );
}
