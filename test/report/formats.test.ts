/** @file Every format of a report over hostile texts: a text of a log is never markup, a formula, a field, a path or broken JSON, and the same report is the same bytes. */
import MarkdownIt from 'markdown-it';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { unzipped } from '../../src/main/report/formats/zipped.ts';
import { renderReport } from '../../src/main/report/render.ts';
import { visible } from '../../src/main/report/visible.ts';
import { defaultLayout, reportFormats, type ReportFormat } from '../../src/shared/report.ts';
import { hostileTexts, withTexts } from './hostile.ts';
import { everyMarkdown, report } from './samples.ts';

const rendered = (of: typeof report, format: ReportFormat): Promise<Uint8Array> =>
  renderReport(of, format, defaultLayout);
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);
/** All of them at once, one behind the other; and each at the start of a field. */
const hostile = hostileTexts.map((text) => withTexts(report, () => text));
const together = withTexts(report, () => hostileTexts.join(' '));

async function parts(archive: Uint8Array): Promise<Map<string, string>> {
  return new Map((await unzipped(archive)).map(({ name, bytes }) => [name, Buffer.from(bytes).toString('utf8')]));
}

/** Well-formed enough to find an element or attribute that a text became: the names of all elements. Throws where a tag is broken. */
function elementsOf(xml: string): Set<string> {
  const names = new Set<string>();
  const open: string[] = [];
  const rest = xml.replace(/<[^<>]*>/g, (tag) => {
    if (tag.startsWith('<?')) return '';
    const match = /^<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<>]*")*)\s*(\/?)>$/.exec(tag);
    if (!match) throw new Error(`No tag: ${tag}`);
    const [, isEnd, name = '', , isEmpty] = match;
    names.add(name);
    if (isEnd === '/') expect(open.pop()).toBe(name);
    else if (isEmpty !== '/') open.push(name);
    return '';
  });
  expect(open).toEqual([]);
  expect(/[<>]/.test(rest)).toBe(false);
  // What no XML may hold.
  const forbidden = [...rest].filter((character) => /[\p{Cc}\p{Noncharacter_Code_Point}\p{Cs}]/u.test(character));
  expect(forbidden.filter((character) => !'\t\n\r'.includes(character))).toEqual([]);
  for (const [entity] of rest.matchAll(/&[^;]{0,12};?/g))
    expect(entity).toMatch(/^&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);$/);
  return names;
}

test.each(reportFormats)('%s is the same again for the same report', async (format) => {
  const [one, other] = await Promise.all([rendered(report, format), rendered(structuredClone(report), format)]);
  expect(Buffer.compare(one, other)).toBe(0);
  expect(one.length).toBeGreaterThan(500);
});

describe('Word', () => {
  test('elements are those of a tame report: no text became a field, a link or markup', async () => {
    const notes = report.notes.map((note) => ({ ...note, text: everyMarkdown }));
    const tame = elementsOf((await parts(await rendered({ ...report, notes }, 'docx'))).get('word/document.xml') ?? '');
    const found = await parts(await rendered(together, 'docx'));
    const wild = elementsOf(found.get('word/document.xml') ?? '');
    expect([...wild].filter((name) => !tame.has(name))).toEqual([]);
    expect([...wild].filter((name) => /fld|instr|hyperlink|object|script/i.test(name))).toEqual([]);
    for (const xml of found.keys()) if (/\.(xml|rels)$/.test(xml)) elementsOf(found.get(xml) ?? '');
    expect([...found.values()].join('')).not.toContain('TargetMode="External"');
  });
});

describe('Excel', () => {
  test('no cell is a formula, and every text comes back', async () => {
    const found = await parts(await rendered(together, 'xlsx'));
    const sheets = [...found].filter(([name]) => /worksheets\/sheet\d+\.xml$/.test(name));
    expect(sheets.length).toBeGreaterThanOrEqual(8);
    for (const [, xml] of sheets) expect(elementsOf(xml).has('f')).toBe(false);
    for (const [name, xml] of found) if (/\.(xml|rels)$/.test(name)) elementsOf(xml);
  });

  test.each(["=cmd|' /C calc'!A0", '@SUM(1,1)', 'a _x0041_ b', 'esc \u001b[2J'])(
    '%j is text as it was written',
    async (text) => {
      const found = await parts(
        await rendered(
          withTexts(report, () => text),
          'xlsx',
        ),
      );
      const strings = found.get('xl/sharedStrings.xml') ?? '';
      const read = strings
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&apos;', "'")
        .replaceAll('&#39;', "'")
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&')
        .replaceAll('_x005F_', '_');
      expect(read).toContain(`>${visible(text)}<`);
    },
  );
});

describe('Markdown', () => {
  // As lenient as a reader may be: HTML allowed, bare links found.
  const reader = new MarkdownIt({ html: true, linkify: true, typographer: false });

  test('no text is HTML, a link, an image or a heading for a reader that allows them all', async () => {
    const tame = textOf(
      await rendered(
        withTexts(report, () => 'x'),
        'markdown',
      ),
    ).match(/^#{1,2} /gm)?.length;
    for (const one of [...hostile, together]) {
      const markdown = textOf(await rendered(one, 'markdown'));
      const kinds = new Set<string>();
      const walk = (tokens: ReturnType<typeof reader.parse>): void => {
        for (const { type, children, content } of tokens) {
          kinds.add(type);
          if (type === 'heading_open') continue;
          if (type === 'html_block' || type === 'html_inline') throw new Error(content);
          if (children) walk(children);
        }
      };
      walk(reader.parse(markdown, {}));
      expect([...kinds].filter((kind) => /link|image|html|blockquote|list|code_block/.test(kind))).toEqual([]);
      const headings = markdown.match(/^#{1,2} /gm)?.length;
      expect(headings).toBe(tame);
    }
  }, 20_000);

  test('a raw line stands whole in a fence that it cannot close', async () => {
    const text = '```\n# x\n`````` end';
    const markdown = textOf(
      await rendered(
        { ...report, alerts: report.alerts.map((alert) => ({ ...alert, raw: { ...alert.raw, text, heat: [] } })) },
        'markdown',
      ),
    );
    expect(reader.parse(markdown, {}).filter(({ type }) => type === 'fence')[0]?.content).toBe(`${visible(text)}\n`);
  });
});

describe('JSON, STIX and MISP', () => {
  test.each(['json', 'stix', 'misp'] as const)('%s parses, in ASCII, whatever the texts', async (format) => {
    for (const one of [...hostile, together]) {
      const text = textOf(await rendered(one, format));
      expect(text).toMatch(/^[\n\x20-\x7e]*$/);
      expect(() => void JSON.parse(text)).not.toThrow();
    }
  });

  test('JSON keeps a text as it is, and times with their zone', async () => {
    const text = hostileTexts.join('\u0000');
    const parsed = JSON.parse(
      textOf(
        await rendered(
          withTexts(report, () => text),
          'json',
        ),
      ),
    ) as {
      case: { title: string; generatedAt: unknown };
    };
    expect(parsed.case.title).toBe(text);
    expect(parsed.case.generatedAt).toEqual({ ms: report.generatedAt, iso: '2026-11-20T14:20:00.000+01:00' });
  });
});

describe('PDF', () => {
  test('holds no link, no script, no action and no file', async () => {
    const pdf = Buffer.from(await rendered(together, 'pdf')).toString('latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    expect(pdf).not.toMatch(/\/(?:JavaScript|JS|URI|Launch|OpenAction|AA|EmbeddedFile|GoToR|SubmitForm)\b/);
  });
});

describe('ZIP', () => {
  test('has every format and a manifest that fits, and no name of a log is a path', async () => {
    const evil = withTexts(report, () => '../../etc/passwd\\..\\x.exe');
    const entries = await unzipped(await rendered(evil, 'zip'));
    expect(entries.map(({ name }) => name)).toEqual([
      ...reportFormats
        .filter((format) => format !== 'zip')
        .map(() => expect.stringContaining('case-147/case-147.') as string),
      ...['evidence.jsonl', 'audit.jsonl', 'audit-head.txt', 'attack-notice.txt', 'manifest.sha256'].map(
        (name) => `case-147/${name}`,
      ),
    ]);
    const manifest = textOf(entries.at(-1)?.bytes ?? new Uint8Array());
    const wanted = entries
      .slice(0, -1)
      .map(
        ({ name, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${name.replace('case-147/', '')}\n`,
      );
    expect(manifest).toBe(wanted.join(''));
  });
});
