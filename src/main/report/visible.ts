/** @file Makes characters visible that hide, reorder or end text. Every text of a report passes through here, log text or not. */
import { hiddenCharacters, markOf } from '../../shared/hidden.ts';

/** ESC becomes ␛, DEL becomes ␡, a right-to-left override becomes [U+202E]; line breaks are characters like others: ␊. */
export function visible(text: string): string {
  return text.replace(hiddenCharacters, (character) => {
    const mark = markOf(character.codePointAt(0) as number);
    return mark.startsWith('U+') ? `[${mark}]` : mark;
  });
}

/** The lines of a note, each visible; CRLF and CR end a line as LF does. */
export function visibleLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/).map(visible);
}
