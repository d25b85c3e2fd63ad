/**
 * @file Markdown of notes as a tree of a few kinds of element, for the page and for reports to draw: nothing of a note is ever markup. Raw HTML
 * stays text, images are not drawn, and a link is its text with the address beside it: nothing here can be followed.
 */
import MarkdownIt, { type Token } from 'markdown-it';

const elements = [
  ...[
    'p',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'ul',
    'ol',
    'li',
    'blockquote',
    'hr',
    'br',
    'pre',
    'code',
    'strong',
    'em',
    's',
  ],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'span'],
] as const;
export type MarkdownElement = (typeof elements)[number];
export type MarkdownNode = {
  tag: MarkdownElement | null;
  text: string;
  children: MarkdownNode[];
  /** Of an ordered list that does not begin with 1. */
  start?: number;
};

/** A note that is nested deeper is written to break things, not to be read. */
const deepest = 20;
const reader = new MarkdownIt({ html: false, linkify: false, maxNesting: deepest }).disable(['image']);

const textNode = (text: string): MarkdownNode => ({ tag: null, text, children: [] });
const isElement = (tag: string): tag is MarkdownElement => (elements as readonly string[]).includes(tag);

export function markdownTree(source: string): MarkdownNode[] {
  return treeOf(reader.parse(source, {}));
}

function treeOf(tokens: readonly Token[]): MarkdownNode[] {
  const root: MarkdownNode = { tag: 'span', text: '', children: [] };
  const open = [root];
  const links: { href: string; into: MarkdownNode; from: number }[] = [];
  for (const token of tokens) {
    const into = open.at(-1) ?? root;
    if (token.type === 'inline') into.children.push(...treeOf(token.children ?? []));
    else if (token.type === 'link_open')
      links.push({ href: String(token.attrGet('href') ?? ''), into, from: into.children.length });
    else if (token.type === 'link_close') {
      const link = links.pop();
      // An address that stands for itself is not said twice.
      const isSame =
        link?.into.children
          .slice(link.from)
          .map(({ text }) => text)
          .join('') === link?.href;
      if (link && !isSame) into.children.push(textNode(` (${link.href})`));
    } else if (token.nesting === 1) {
      const node: MarkdownNode = { tag: isElement(token.tag) ? token.tag : 'span', text: '', children: [] };
      // The paragraphs of a tight list are not drawn.
      if (token.hidden) node.tag = 'span';
      const start = token.attrGet('start');
      if (start !== null) node.start = Number(start);
      into.children.push(node);
      open.push(node);
    } else if (token.nesting === -1) {
      if (open.length > 1) open.pop();
    } else into.children.push(leafOf(token));
  }
  return root.children;
}

function leafOf(token: Token): MarkdownNode {
  switch (token.type) {
    case 'softbreak':
      return textNode('\n');
    case 'hardbreak':
      return { tag: 'br', text: '', children: [] };
    case 'hr':
      return { tag: 'hr', text: '', children: [] };
    case 'code_inline':
      return { tag: 'code', text: '', children: [textNode(token.content)] };
    case 'code_block':
    case 'fence':
      return { tag: 'pre', text: '', children: [textNode(token.content.replace(/\n$/, ''))] };
    default:
      return textNode(token.content);
  }
}
