/** @file A template for display, made from an example line at the moment it is shown: templates themselves keep no text. */
import type { Span } from '../../shared/lines.ts';
import { tokenKinds, kindName } from './kinds.ts';
import type { Tokens } from './tokens.ts';

/** `kind`: text of the line, a placeholder, or a place where lines of the template differ. */
export type TemplatePart = { kind: 'text' | 'placeholder' | 'wildcard'; text: string };

/**
 * The example line's message with placeholders in the place of values. `clusterTokens` are those of its cluster; where they do not fit
 * the line (it belongs to another), its own tokens are shown. With `message` the brackets and quotes around the tokens are kept too.
 * Text is the log's own and stays hostile.
 */
export function templateParts(
  raw: string,
  tokens: Tokens,
  clusterTokens: readonly number[],
  message?: Span,
): TemplatePart[] {
  const parts: TemplatePart[] = [];
  const fits = clusterTokens.length === tokens.length;
  let from = message?.start ?? tokens.at(0)?.start ?? 0;
  let index = 0;
  for (const { kind, start, end } of tokens) {
    const general = fits ? (clusterTokens[index] ?? 0) : kind === tokenKinds.word ? 1 : -kind;
    index++;
    const isText = general > 0;
    if (isText) continue;
    if (start > from) parts.push({ kind: 'text', text: raw.slice(from, start) });
    parts.push(general < 0 ? { kind: 'placeholder', text: kindName(-general) } : { kind: 'wildcard', text: '<*>' });
    from = end;
  }
  const end = message?.end ?? tokens.at(tokens.length - 1)?.end ?? from;
  if (end > from) parts.push({ kind: 'text', text: raw.slice(from, end) });
  return parts;
}

/** `Accepted password for <USER> from <IP> port <NUM> ssh2`. */
export function templateText(raw: string, tokens: Tokens, clusterTokens: readonly number[], message?: Span): string {
  return templateParts(raw, tokens, clusterTokens, message)
    .map((part) => part.text)
    .join('');
}
