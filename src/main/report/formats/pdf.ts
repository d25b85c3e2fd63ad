/** @file A report as PDF, the same on both hosts: A4, embedded fonts, no link, no script, no request. */
import pdfmake from 'pdfmake';
import type { Content, ContentText, CustomTableLayout, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import type { Block, ReportDocument, Run } from '../document.ts';
import { formatCount } from '../format.ts';
import { heatClass } from '../heat.ts';
import { heatColours, paper, severityColours, verdictColours } from '../palette.ts';
import { timelineSvg } from '../timeline.ts';
import { createDrawable, fontFiles, type Drawable } from './fonts.ts';

/** In points; A4 is 595 wide. */
const pageMargins: [number, number, number, number] = [40, 46, 40, 46];
const contentWidth = 595 - 80;
/** A longer run of letters and digits does not fit a cell, and the layout does not cut it by itself. */
const longestWord = 24;

const fonts = {
  Sans: { normal: fontFiles.sans, bold: fontFiles.sansBold },
  Mono: { normal: fontFiles.mono, bold: fontFiles.monoBold },
};

const rules: CustomTableLayout = {
  hLineWidth: (index, node) => (index === 0 || index === node.table.body.length ? 0 : 0.5),
  vLineWidth: () => 0,
  hLineColor: () => paper.line,
  paddingLeft: () => 0,
  paddingRight: () => 5,
  paddingTop: () => 2,
  paddingBottom: () => 2,
};

class Pages {
  readonly #drawable: Drawable = createDrawable();

  text(text: string, breaksWords = false): string {
    const drawn = this.#drawable(text);
    // Zero-width spaces are where a line may be broken; they are ours, since hidden ones of a log were made visible before.
    return breaksWords ? drawn.replace(new RegExp(`[^ \\u200b]{${longestWord}}`, 'gu'), '$&\u200b') : drawn;
  }

  run({ text, look, severity, verdict, bits }: Run): ContentText {
    const shown: ContentText = { text: this.text(text, true) };
    if (look === 'log') Object.assign(shown, { font: 'Mono', fontSize: 7 });
    if (look === 'strong') shown.bold = true;
    if (severity !== undefined) shown.color = severityColours[severity];
    if (verdict !== undefined) shown.color = verdictColours[verdict];
    if (bits !== undefined) {
      const { ground, ink } = heatColours[heatClass(bits)] ?? { ground: null, ink: paper.ink };
      shown.color = ink;
      if (ground !== null) shown.background = ground;
      if (heatClass(bits) >= 5) shown.bold = true;
    }
    return shown;
  }

  runs(all: readonly Run[]): ContentText[] {
    return all.map((one) => this.run(one));
  }

  framed(content: Content): Content {
    return {
      table: { widths: ['*'], body: [[content]] },
      layout: {
        hLineWidth: () => 0.5,
        vLineWidth: () => 0.5,
        hLineColor: () => paper.line,
        vLineColor: () => paper.line,
        fillColor: () => paper.raised,
      },
      margin: [0, 3, 0, 3],
    };
  }

  /** A heading stays with the paragraph under it. */
  blocks(blocks: readonly Block[]): Content[] {
    const contents: Content[] = [];
    for (let index = 0; index < blocks.length; index++) {
      const [block, next] = blocks.slice(index, index + 2);
      if (!block) break;
      if (block.kind === 'heading' && next?.kind === 'paragraph') {
        contents.push({ stack: [this.block(block), this.block(next)] });
        index++;
      } else contents.push(this.block(block));
    }
    return contents;
  }

  block(block: Block): Content {
    switch (block.kind) {
      case 'heading':
        return { text: this.runs(block.runs), bold: true, margin: [0, 9, 0, 2] };
      case 'paragraph':
        return {
          text: this.runs(block.runs),
          margin: [0, 1, 0, 2],
          ...(block.isQuiet === true ? { color: paper.quiet, fontSize: 8 } : {}),
        };
      case 'line':
        // Without a frame: five hundred tables of one cell cost a second.
        return {
          text: this.runs(block.runs),
          font: 'Mono',
          fontSize: 7.5,
          preserveLeadingSpaces: true,
          margin: [8, 3, 8, 4],
        };
      case 'lines':
        return this.framed({
          stack: block.lines.map(({ number, text, isMain }) => ({
            text: this.text(`${formatCount(number)}  ${text}`, true),
            ...(isMain ? { bold: true } : { color: '#5A6472' }),
          })),
          font: 'Mono',
          fontSize: 6.5,
        });
      case 'table': {
        const total = block.columns.reduce((sum, { share }) => sum + share, 0);
        const free = contentWidth - 5 * block.columns.length;
        const alignment = block.columns.map(({ isNumber }) =>
          isNumber === true ? ('right' as const) : ('left' as const),
        );
        const head = block.columns.map(({ title }, index) => ({
          text: this.text(title),
          color: paper.quiet,
          alignment: alignment[index] ?? ('left' as const),
        }));
        const body = block.rows.map(({ cells, isMain }) =>
          cells.map((cell, index) => ({
            text: this.runs(cell),
            alignment: alignment[index] ?? ('left' as const),
            ...(isMain === true ? { fillColor: paper.raised, bold: true } : {}),
          })),
        );
        return {
          table: {
            headerRows: 1,
            dontBreakRows: true,
            widths: block.columns.map(({ share }) => (free * share) / total),
            body: [head, ...body],
          },
          layout: rules,
          fontSize: 7.5,
          margin: [0, 3, 0, 4],
        };
      }
      case 'timeline':
        return [
          { svg: this.text(timelineSvg(block.picture, { isPlain: true }).toString()), width: contentWidth },
          { text: this.text(block.caption), color: paper.quiet, fontSize: 8, margin: [0, 0, 0, 4] },
        ];
    }
  }
}

/** The same report gives the same bytes: the date in the file is when the report was made. */
export async function renderPdf(report: ReportDocument, madeAt: Date): Promise<Uint8Array> {
  const pages = new Pages();
  const { name, title, sections, footer } = report;
  const definition: TDocumentDefinitions = {
    pageSize: 'A4',
    pageMargins,
    language: 'en',
    info: {
      title: pages.text(`${name} ${title}`),
      creator: 'Surprisal',
      producer: 'Surprisal',
      creationDate: madeAt,
      modDate: madeAt,
    },
    defaultStyle: { font: 'Sans', fontSize: 9, color: paper.ink, lineHeight: 1.15 },
    header: (_page, _count) => ({
      columns: [
        { text: pages.text(report.label), color: paper.quiet },
        { text: pages.text(report.madeAt), color: paper.quiet, alignment: 'right' },
      ],
      fontSize: 8,
      margin: [40, 24, 40, 0],
    }),
    footer: (page, count) => ({
      text: `${page} of ${count}`,
      color: paper.quiet,
      fontSize: 8,
      alignment: 'right',
      margin: [40, 14, 40, 0],
    }),
    content: [
      { text: pages.text(title, true), fontSize: 15, bold: true, margin: [0, 0, 0, 4] },
      { text: pages.text(report.facts, true), color: paper.quiet },
      ...sections.flatMap((section): Content[] => [
        { text: pages.text(section.title), fontSize: 11, bold: true, margin: [0, 14, 0, 4] },
        ...pages.blocks(section.blocks),
      ]),
      { text: pages.text(footer, true), color: paper.quiet, fontSize: 8, margin: [0, 16, 0, 0] },
    ],
  };
  pdfmake.setFonts(fonts);
  pdfmake.setUrlAccessPolicy(() => false);
  const readable: readonly string[] = Object.values(fontFiles);
  pdfmake.setLocalAccessPolicy((path) => readable.includes(path));
  return pdfmake.createPdf(definition).getBuffer();
}
