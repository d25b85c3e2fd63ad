/**
 * @file What analysts write in Markdown, in reports. Catches a list, a quotation or code that is printed as its signs, an ordered list that begins
 * anew at 1, a word that is lost, and a note that becomes an element, a link or HTML of its own.
 */
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { visibleDocument, written, type ReportDocument } from '../../src/main/report/document.ts';
import { renderDocx } from '../../src/main/report/formats/docx.ts';
import { renderHtml } from '../../src/main/report/formats/html.ts';
import { renderMarkdown } from '../../src/main/report/formats/markdown.ts';
import { renderPdf } from '../../src/main/report/formats/pdf.ts';
import { unzipped } from '../../src/main/report/formats/zipped.ts';
import { visible } from '../../src/main/report/visible.ts';
import { markdownTree, type MarkdownNode } from '../../src/shared/markdown.ts';
import { hostileTexts } from './hostile.ts';
import { everyMarkdown } from './samples.ts';

const madeAt = new Date(Date.UTC(2026, 10, 20));
const documentOf = (note: string): ReportDocument =>
  visibleDocument({
    ...{ name: 'C-1', label: 'Case C-1', title: 'T', madeAt: 'now', facts: 'F', footer: 'E' },
    sections: [{ id: 'notes', title: 'Notes', blocks: written(note) }],
  });
const htmlOf = (note: string): string => /<section>([\s\S]*)<\/section>/.exec(renderHtml(documentOf(note)))?.[1] ?? '';
const markdownOf = (note: string): string => renderMarkdown(documentOf(note));
async function wordOf(note: string): Promise<string> {
  const parts = await unzipped(await renderDocx(documentOf(note), madeAt));
  return Buffer.from(parts.find(({ name }) => name === 'word/document.xml')?.bytes ?? []).toString('utf8');
}

/** Words of it as the app shows it; a text of signs alone says nothing. */
function wordsOf(nodes: readonly MarkdownNode[]): string[] {
  return nodes.flatMap(({ text, children }) => [
    ...text.split('\n').flatMap((line) => visible(line).match(/[\p{L}\p{N}]+/gu) ?? []),
    ...wordsOf(children),
  ]);
}
const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos|#39);/g, (_whole, name: string) => entities[name] ?? '');
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" };
const wordsIn = (text: string): string[] => text.match(/[\p{L}\p{N}]+/gu) ?? [];

describe('a note with everything', () => {
  test('is elements in HTML', () => {
    const html = htmlOf(everyMarkdown);
    for (const part of [
      '<h4>Steps</h4>',
      '<ol start="1">\n<li>',
      '<em>Look</em> at <strong>the</strong> ledger',
      '<code class="log">less</code> said nothing',
      '<s>copied</s>',
      '<ol start="7">',
      '<blockquote>',
      'Quoted<br>\nas it was said',
      '<pre class="log">\nshred -uzn 3</pre>',
      '<hr>',
      '<th class="name">who</th>',
      '<td class="name">noon</td>',
    ])
      expect(html.replace(/<ol start="1">/, '<ol start="1">\n')).toContain(part);
  });

  test('is what Word has for it', async () => {
    const xml = await wordOf(everyMarkdown);
    expect(xml).toContain('<w:pStyle w:val="Heading4"/>');
    expect(xml).toMatch(/<w:numPr><w:ilvl w:val="1"\/>/);
    for (const look of ['<w:b/>', '<w:i/>', '<w:strike/>', '<w:br/>', '<w:tbl>']) expect(xml).toContain(look);
    // Three lists of which two are numbered, each with a numbering of its own.
    const numbers = new Set([...xml.matchAll(/<w:numId w:val="(\d+)"\/>/g)].map(([, id]) => id));
    expect(numbers.size).toBe(3);
  });

  test('is the same Markdown again for a reader of it', () => {
    const shown = markdownOf(everyMarkdown);
    const note = shown.slice(shown.indexOf('## Notes') + '## Notes\n'.length, shown.lastIndexOf('---'));
    expect(note).toContain('#### Steps');
    const reader = new MarkdownIt();
    const kinds = (text: string): string[] =>
      reader.parse(text, {}).flatMap(({ type, children }) => [type, ...(children ?? []).map((child) => child.type)]);
    const kept = /^(ordered_list|bullet_list|list_item|blockquote|fence|hr|table|t[hrd])/;
    expect(kinds(note).filter((kind) => kept.test(kind))).toEqual(
      kinds(everyMarkdown).filter((kind) => kept.test(kind)),
    );
    expect(note).toContain('7.   Tell');
  });
});

const signs = [
  ...[
    '# ',
    '- ',
    '* ',
    '1. ',
    '9) ',
    '> ',
    '```\n',
    '~~~\n',
    '    ',
    '---\n',
    '\n',
    '\n\n',
    '  \n',
    '\\\n',
    '| a | b |\n| - | - |\n',
    '|',
    '\t',
  ],
  ...[
    '**',
    '*',
    '_',
    '~~',
    '`',
    '``',
    '[',
    '](https://evil.example)',
    '](javascript:x)',
    '![',
    '<https://evil.example>',
    '<b>',
    '</div>',
    '&lt;',
  ],
  ...['&#60;', '"', "'", 'word', 'two words', '漢', '😀', ...hostileTexts],
];
const notes = fc.array(fc.constantFrom(...signs), { minLength: 1, maxLength: 14 }).map((parts) => parts.join(''));

describe('any note', () => {
  const tags =
    /^<\/?(?:h2|div|h4|p|ul|ol|li|blockquote|hr|br|pre|code|strong|em|s|table|thead|tbody|tr|th|td)(?: (?:class|start)="[a-z0-9]*")*>$/;

  test('has every word in HTML, and no other elements', () => {
    fc.assert(
      fc.property(notes, (note) => {
        const html = htmlOf(note);
        for (const [tag] of html.matchAll(/<[^>]*>/g)) expect(tag).toMatch(tags);
        const text = unescaped(
          html
            .replace(/^.*<\/h2>/s, '')
            .replace(/<(?:\/?(?:strong|em|s|code|span)\b)[^>]*>/g, '')
            .replace(/<[^>]*>/g, ' '),
        );
        expect(wordsIn(text).join('')).toBe(wordsOf(markdownTree(note)).join(''));
      }),
      { numRuns: 400, seed: 1129 },
    );
  });

  test('has every word in Word, which finds no field and no link in it', async () => {
    await fc.assert(
      fc.asyncProperty(notes, async (note) => {
        const xml = await wordOf(note);
        expect(xml).not.toMatch(/fldChar|fldSimple|instrText|hyperlink/);
        const text = unescaped([...xml.matchAll(/<w:t(?: [^>]*)?>([^<]*)<\/w:t>/g)].map(([, part]) => part).join(' '));
        const [, said = ''] = /Notes(.*) E$/s.exec(text) ?? [];
        expect(wordsIn(said).join('')).toBe(wordsOf(markdownTree(note)).join(''));
      }),
      { numRuns: 25, seed: 1129 },
    );
  });

  test('is no HTML, link or image for a lenient reader of the Markdown, and keeps its words', () => {
    const reader = new MarkdownIt({ html: true, linkify: true });
    fc.assert(
      fc.property(notes, (note) => {
        const shown = markdownOf(note);
        const body = shown.slice(shown.indexOf('## Notes\n') + 9, shown.lastIndexOf('---'));
        const texts: string[] = [];
        const walk = (tokens: ReturnType<typeof reader.parse>): void => {
          for (const { type, children, content } of tokens) {
            expect(type).not.toMatch(/link|image|html/);
            if (children) walk(children);
            else texts.push(content);
          }
        };
        walk(reader.parse(body, {}));
        expect(wordsIn(texts.join('\n')).join('')).toBe(wordsOf(markdownTree(note)).join(''));
      }),
      { numRuns: 400, seed: 1129 },
    );
  });

  test('is drawn in a PDF, however deep', async () => {
    for (const note of ['> - '.repeat(40) + 'deep', everyMarkdown, hostileTexts.join('\n\n')])
      expect((await renderPdf(documentOf(note), madeAt)).length).toBeGreaterThan(1000);
  });
});
