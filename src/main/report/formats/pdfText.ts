/** @file Text on pages: runs cut into lines of a width, each line as few pieces, and where a piece is drawn. Widths of words are measured once. */
import { createDrawable, fontFiles, type Drawable } from './fonts.ts';

export type FontName = 'Sans' | 'SansBold' | 'Mono' | 'MonoBold';
export const fontPaths: Record<FontName, string> = {
  Sans: fontFiles.sans,
  SansBold: fontFiles.sansBold,
  Mono: fontFiles.mono,
  MonoBold: fontFiles.monoBold,
};

/** In points. */
export type Style = {
  font: FontName;
  size: number;
  colour: string;
  ground: string | null;
  isSlanted: boolean;
  isStruck: boolean;
};
export type StyledText = { text: string; style: Style };
export type Piece = { text: string; style: Style; x: number; width: number };
export type Line = { pieces: Piece[]; width: number; height: number };

/** Of the size of the largest letter of a line. */
const lineHeight = 1.35;
/** Longer words are measured anew each time: what is kept must not grow with the logs. */
const longestKept = 40;
const mostKept = 50_000;

export class TextLayout {
  readonly #drawable: Drawable = createDrawable();
  readonly #measure: (text: string, style: Style) => number;
  readonly #widths = new Map<string, number>();

  constructor(measure: (text: string, style: Style) => number) {
    this.#measure = measure;
  }

  /** What the fonts can draw. */
  drawable(text: string): string {
    return this.#drawable(text);
  }

  width(text: string, style: Style): number {
    if (text.length > longestKept) return this.#measure(text, style);
    const key = `${style.font}${style.size}${text}`;
    const known = this.#widths.get(key);
    if (known !== undefined) return known;
    if (this.#widths.size >= mostKept) this.#widths.clear();
    const width = this.#measure(text, style);
    this.#widths.set(key, width);
    return width;
  }

  /** As `lines`, and each line break of the text ends a line. */
  brokenLines(texts: readonly StyledText[], mostWidth: number): Line[] {
    const parts: StyledText[][] = [[]];
    for (const { text, style } of texts) {
      for (const [index, line] of text.split('\n').entries()) {
        if (index > 0) parts.push([]);
        parts.at(-1)?.push({ text: line, style });
      }
    }
    return parts.flatMap((part) => this.lines(part, mostWidth));
  }

  /** Breaks at blanks, and inside of what is wider than a line. At least one line. */
  lines(texts: readonly StyledText[], mostWidth: number): Line[] {
    const lines: Line[] = [];
    let line: Line = { pieces: [], width: 0, height: 0 };
    const end = (): void => {
      lines.push(line);
      line = { pieces: [], width: 0, height: 0 };
    };
    const put = (text: string, style: Style, width: number): void => {
      const last = line.pieces.at(-1);
      if (last?.style === style) {
        last.text += text;
        last.width += width;
      } else line.pieces.push({ text, style, x: line.width, width });
      line.width += width;
      line.height = Math.max(line.height, style.size * lineHeight);
    };
    for (const { text, style } of texts) {
      for (const part of this.#drawable(text).match(/ +|[^ ]+/g) ?? []) {
        const width = this.width(part, style);
        if (line.width + width <= mostWidth) {
          // A blank at the end of a line is nothing at the beginning of the next.
          if (part.startsWith(' ') && line.width === 0 && lines.length > 0) continue;
          put(part, style, width);
        } else if (part.startsWith(' ')) {
          if (line.width > 0) end();
        } else if (width <= mostWidth) {
          end();
          put(part, style, width);
        } else {
          for (const character of part) {
            const own = this.width(character, style);
            if (line.width + own > mostWidth && line.width > 0) end();
            put(character, style, own);
          }
        }
      }
    }
    if (line.pieces.length > 0 || lines.length === 0) {
      if (line.height === 0) line.height = (texts[0]?.style.size ?? 9) * lineHeight;
      end();
    }
    return lines;
  }
}

export function heightOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { height }) => sum + height, 0);
}
