/** @file Makes characters visible that hide, reorder or end text. Every text of a report passes through here, log text or not. */

// Controls, format characters (bidirectional overrides, zero width, tags), lone surrogates, line separators, variation
// selectors; then the blanks that are letters: combining grapheme joiner, Hangul fillers, braille blank.
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}\u034f\u115f\u1160\u2800\u3164\uffa0]/gu;

/** ESC becomes ␛, DEL becomes ␡, a right-to-left override becomes [U+202E]; line breaks are characters like others: ␊. */
export function visible(text: string): string {
  return text.replace(hidden, (character) => {
    const code = character.codePointAt(0) as number;
    if (code < 0x20) return String.fromCharCode(0x2400 + code); // the control pictures
    if (code === 0x7f) return '␡';
    return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}

/** The lines of a note, each visible; CRLF and CR end a line as LF does. */
export function visibleLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map(visible);
}
