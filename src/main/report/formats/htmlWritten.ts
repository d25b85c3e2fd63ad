/** @file What an analyst wrote in Markdown, as HTML: lists, quotations, code and tables as elements, of which none can be followed or run. */
import type { MarkdownNode } from '../../../shared/markdown.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

/** Headings of the page go before. */
const heading = (inner: Markup[]): Markup => markup`<h4>${inner}</h4>\n`;

const elements: Partial<Record<string, (inner: Markup[], start: number) => Markup>> = {
  p: (inner) => markup`<p>${inner}</p>\n`,
  ...{ h1: heading, h2: heading, h3: heading, h4: heading, h5: heading, h6: heading },
  ul: (inner) => markup`<ul>${inner}</ul>\n`,
  ol: (inner, start) => markup`<ol start="${start}">${inner}</ol>\n`,
  li: (inner) => markup`<li>${inner}</li>\n`,
  blockquote: (inner) => markup`<blockquote>${inner}</blockquote>\n`,
  hr: () => markup`<hr>\n`,
  br: () => markup`<br>`,
  // A line break at the beginning is none for a browser: this one goes, and one of the text stays.
  pre: (inner) => markup`<pre class="log">\n${inner}</pre>\n`,
  code: (inner) => markup`<code class="log">${inner}</code>`,
  strong: (inner) => markup`<strong>${inner}</strong>`,
  em: (inner) => markup`<em>${inner}</em>`,
  s: (inner) => markup`<s>${inner}</s>`,
  table: (inner) => markup`<table>${inner}</table>\n`,
  thead: (inner) => markup`<thead>${inner}</thead>\n`,
  tbody: (inner) => markup`<tbody>${inner}</tbody>\n`,
  tr: (inner) => markup`<tr>${inner}</tr>\n`,
  th: (inner) => markup`<th class="name">${inner}</th>`,
  td: (inner) => markup`<td class="name">${inner}</td>`,
};

/** `lineBreak`: between the lines of a text. It is ours: in a text, `markup` would show it as a character. */
function nodeMarkup({ tag, text, children, start = 1 }: MarkdownNode, lineBreak: Markup): Markup {
  if (tag === null)
    return markup`${text.split('\n').map((line, index) => (index === 0 ? markup`${line}` : markup`${lineBreak}${line}`))}`;
  const inner = children.map((child) => nodeMarkup(child, tag === 'pre' ? markup`\n` : lineBreak));
  return elements[tag]?.(inner, start) ?? markup`${inner}`;
}

export function writtenMarkup(nodes: readonly MarkdownNode[]): Markup {
  return markup`<div class="written">${nodes.map((node) => nodeMarkup(node, markup`<br>\n`))}</div>\n`;
}
