/** @file HTML as values: what is put into an `markup` template is made visible and escaped, unless it is markup made the same way. */
import { visible } from '../visible.ts';

/** Made by `markup` and `style` only, so that a string can never pass for markup. */
export class Markup {
  readonly #text: string;
  private constructor(text: string) {
    this.#text = text;
  }
  static ofTemplate(strings: TemplateStringsArray, values: readonly Content[]): Markup {
    return new Markup(strings.reduce((text, part, index) => text + toText(values[index - 1]) + part));
  }
  toString(): string {
    return this.#text;
  }
}

export type Content = Markup | string | number | null | undefined | readonly Content[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function toText(content: Content): string {
  if (content === null || content === undefined) return '';
  if (content instanceof Markup) return content.toString();
  if (typeof content === 'object') return content.map(toText).join('');
  return visible(String(content)).replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** Values may stand in text and inside quoted attributes, nowhere else. */
export function markup(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return Markup.ofTemplate(strings, values);
}
