/** @file Makes log text fit to stand in a prompt as data: what hides is visible, what could be a control token is not one, its length is bounded, and a fence that it cannot know stands around it. */
import { AppError } from '../../shared/errors.ts';
import { hiddenCharacters, markOf } from '../../shared/hidden.ts';

/** Of one text of a log, in a prompt. */
const mostChars = 240;
/** Of all data of a prompt. A token is a byte at least, so this bounds tokens, too. */
export const mostDataBytes = 5000;
const fenceBytes = 16;
const mostDraws = 8;

/**
 * Control tokens of chat templates (`[INST]`, `<|im_end|>`, `</s>`, `>>TITLE<<`) are made of text by Ollama's tokenizers wherever they stand, and all
 * of them begin with a bracket. So brackets become others that look alike; `[42]`, which logs are full of, stays.
 */
function disarmed(text: string): string {
  return text
    .replace(/</g, '‹')
    .replace(/>/g, '›')
    .replace(/\[(?!\d)/g, '⟦');
}

/** One line, whatever it was. */
export function asData(text: string): string {
  const whole = text.slice(0, mostChars);
  // Half a surrogate pair would be a character of its own.
  const kept = (whole.length < text.length ? whole.replace(/[\uD800-\uDBFF]$/, '') : whole).toWellFormed();
  const shown = kept.replace(hiddenCharacters, (character) => {
    const mark = markOf(character.codePointAt(0) ?? 0);
    return mark.startsWith('U+') ? `(${mark})` : mark;
  });
  const rest = text.length - kept.length;
  return disarmed(shown) + (rest > 0 ? ` (and ${rest} more characters)` : '');
}

export type Fenced = { open: string; close: string; text: string };

/** Lines that went through `asData` between two that nobody who wrote them could foresee. */
export function fenced(lines: readonly string[], randomBytes: (length: number) => Uint8Array): Fenced {
  const kept: string[] = [];
  let size = 0;
  for (const line of lines) {
    size += Buffer.byteLength(line) + 1;
    if (size > mostDataBytes) break;
    kept.push(line);
  }
  if (kept.length < lines.length) kept.push(`(${lines.length - kept.length} more lines are left out)`);
  const data = kept.join('\n');
  for (let draw = 0; draw < mostDraws; draw++) {
    const word = Buffer.from(randomBytes(fenceBytes)).toString('hex');
    if (data.toLowerCase().includes(word)) continue;
    const open = `<<<DATA ${word}`;
    const close = `DATA ${word}>>>`;
    return { open, close, text: `${open}\n${data}\n${close}` };
  }
  throw new AppError('INTERNAL', 'No fence could be drawn that the evidence does not contain.');
}
