/** @file A report as a Word document: headings, tables and runs of text. No field, no link, no macro: what a log says is a run of text. */
import {
  AlignmentType,
  BorderStyle,
  Document,
  Footer,
  HeadingLevel,
  ImageRun,
  PageNumber,
  Packer,
  Paragraph,
  ShadingType,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  WidthType,
  type IRunOptions,
} from 'docx';
import { isHead, type Block, type ReportDocument, type Run, type TableBlock } from '../document.ts';
import { formatCount } from '../format.ts';
import { numberingOf, writtenParts, type ListCounter } from './docxWritten.ts';
import { heatClass } from '../heat.ts';
import { heatColours, paper, severityColours, verdictColours } from '../palette.ts';
import { timelinePng } from './picture.ts';
import { pictureWidth, timelineSvg } from '../timeline.ts';
import { rezipped } from './zipped.ts';

/** Twentieths of a point between the margins of A4. */
const contentWidth = 9638;
const margin = 1134;
const imageWidth = 600;
const mono = 'DejaVu Sans Mono';

const hex = (colour: string): string => colour.slice(1);
const thin = { style: BorderStyle.SINGLE, size: 4, color: hex(paper.line) };
const none = { style: BorderStyle.NONE, size: 0, color: 'auto' };
const frame = { top: thin, bottom: thin, left: thin, right: thin };
const rule = { top: none, left: none, right: none, bottom: thin };

/** `size` in half points. */
function run(
  { text, look, isStrong, isEmphasised, isStruck, severity, verdict, bits }: Run,
  base: { size?: number; isLog?: boolean; color?: string } = {},
): TextRun {
  const options: { -readonly [K in keyof IRunOptions]: IRunOptions[K] } = { text, size: base.size ?? 18 };
  if (base.color !== undefined) options.color = hex(base.color);
  if (look === 'log' || base.isLog === true) options.font = mono;
  if (look === 'log') options.size = 15;
  if (isStrong === true) options.bold = true;
  if (isEmphasised === true) options.italics = true;
  if (isStruck === true) options.strike = true;
  if (severity !== undefined) options.color = hex(severityColours[severity]);
  if (verdict !== undefined) options.color = hex(verdictColours[verdict]);
  if (bits !== undefined) {
    const { ground, ink } = heatColours[heatClass(bits)] ?? { ground: null, ink: paper.ink };
    options.color = hex(ink);
    if (ground !== null) options.shading = { type: ShadingType.CLEAR, fill: hex(ground), color: 'auto' };
    if (heatClass(bits) >= 5) options.bold = true;
  }
  return new TextRun(options);
}

/** A line break of the text is one of the document. */
function linedRuns(runs: readonly Run[], isCode: boolean): TextRun[] {
  return runs.flatMap((one) =>
    one.text
      .split('\n')
      .flatMap((text, index) => [
        ...(index > 0 ? [new TextRun({ break: 1 })] : []),
        ...(text === '' ? [] : [run({ ...one, text }, isCode ? { size: 15, isLog: true } : {})]),
      ]),
  );
}

function table(block: TableBlock): Table {
  const total = block.columns.reduce((sum, { share }) => sum + share, 0);
  const widths = block.columns.map(({ share }) => Math.round((contentWidth * share) / total));
  const alignment = block.columns.map(({ isNumber }) => (isNumber === true ? AlignmentType.RIGHT : AlignmentType.LEFT));
  const cell = (index: number, children: TextRun[], isMain: boolean): TableCell =>
    new TableCell({
      borders: rule,
      width: { size: widths[index] ?? 0, type: WidthType.DXA },
      margins: { top: 20, bottom: 20, right: 80 },
      ...(isMain ? { shading: { type: ShadingType.CLEAR, fill: hex(paper.raised), color: 'auto' } } : {}),
      children: [new Paragraph({ alignment: alignment[index] ?? AlignmentType.LEFT, children })],
    });
  const head = new TableRow({
    tableHeader: true,
    cantSplit: true,
    children: block.columns.map(({ title }, index) =>
      cell(index, [run({ text: title }, { size: 15, color: paper.quiet })], false),
    ),
  });
  const rows = block.rows.map(
    ({ cells, isMain }) =>
      new TableRow({
        cantSplit: true,
        children: cells.map((runs, index) =>
          cell(
            index,
            runs.map((one) => run(one, { size: 15 })),
            isMain === true,
          ),
        ),
      }),
  );
  return new Table({
    layout: TableLayoutType.FIXED,
    width: { size: contentWidth, type: WidthType.DXA },
    columnWidths: widths,
    borders: { ...rule, bottom: none, insideHorizontal: none, insideVertical: none },
    rows: [head, ...rows],
  });
}

function blockParts(block: Block, keepNext: boolean, lists: ListCounter): (Paragraph | Table)[] {
  switch (block.kind) {
    case 'heading':
      return [
        new Paragraph({
          heading: HeadingLevel.HEADING_3,
          keepNext,
          spacing: { before: 200, after: 40 },
          children: block.runs.map((one) => run({ ...one, isStrong: true })),
        }),
      ];
    case 'paragraph':
      return [
        new Paragraph({
          keepNext,
          spacing: { after: 40 },
          children: block.runs.map((one) => run(one, block.isQuiet === true ? { size: 16, color: paper.quiet } : {})),
        }),
      ];
    case 'line':
      return [
        new Paragraph({
          border: frame,
          spacing: { before: 60, after: 60 },
          shading: { type: ShadingType.CLEAR, fill: hex(paper.raised), color: 'auto' },
          children: block.runs.map((one) => run(one, { size: 15, isLog: true })),
        }),
      ];
    case 'lines':
      return block.lines.map(
        ({ number, text, isMain }) =>
          new Paragraph({
            border: frame,
            children: [
              run(
                { text: `${formatCount(number)}  ${text}`, isStrong: isMain },
                { size: 13, isLog: true, color: isMain ? paper.ink : '#5A6472' },
              ),
            ],
          }),
      );
    case 'table':
      return [table(block), new Paragraph({ spacing: { after: 60 }, children: [] })];
    case 'written':
      return writtenParts(block, { runs: linedRuns, table }, lists);
    case 'timeline': {
      const { picture } = block;
      const labels = picture.ticks.map(({ text }) => text).join('   ·   ');
      const bounds = { width: imageWidth, height: Math.round((imageWidth * picture.height) / pictureWidth) };
      const svg = timelineSvg(picture, { isPlain: true }).toString();
      return [
        new Paragraph({
          children: [
            // What knows no SVG shows the marks, and the words are in the caption.
            new ImageRun({
              type: 'svg',
              data: Buffer.from(svg),
              fallback: { type: 'png', data: Buffer.from(timelinePng(picture)) },
              transformation: bounds,
              altText: { id: '1', name: 'Timeline', title: 'Timeline', description: picture.label },
            }),
          ],
        }),
        new Paragraph({
          spacing: { after: 120 },
          children: [run({ text: `Ticks: ${labels}. ${block.caption}` }, { size: 16, color: paper.quiet })],
        }),
      ];
    }
  }
}

/** The same report gives the same bytes: the date in the file is when the report was made. */
export async function renderDocx(report: ReportDocument, madeAt: Date): Promise<Uint8Array> {
  const { name, title, facts, sections, footer } = report;
  const lists = { next: 1 };
  const document = new Document({
    creator: 'Surprisal',
    lastModifiedBy: 'Surprisal',
    title: `${name} ${title}`,
    numbering: numberingOf(report),
    styles: {
      default: {
        document: { run: { font: 'Arial', size: 18, color: hex(paper.ink) } },
        heading1: { run: { font: 'Arial', size: 30, bold: true, color: hex(paper.ink) } },
        heading2: { run: { font: 'Arial', size: 22, bold: true, color: hex(paper.ink) } },
        heading3: { run: { font: 'Arial', size: 18, bold: true, color: hex(paper.ink) } },
        heading4: { run: { font: 'Arial', size: 18, bold: true, color: hex(paper.ink) } },
      },
    },
    sections: [
      {
        properties: {
          page: {
            size: { width: 11906, height: 16838 },
            margin: { top: margin, bottom: margin, left: margin, right: margin },
          },
        },
        footers: {
          default: new Footer({
            children: [
              new Paragraph({
                alignment: AlignmentType.RIGHT,
                children: [
                  new TextRun({
                    size: 16,
                    color: hex(paper.quiet),
                    children: [`${name}  `, PageNumber.CURRENT, ' of ', PageNumber.TOTAL_PAGES],
                  }),
                ],
              }),
            ],
          }),
        },
        children: [
          new Paragraph({
            children: [run({ text: `${report.label}, ${report.madeAt}` }, { size: 16, color: paper.quiet })],
          }),
          new Paragraph({
            heading: HeadingLevel.HEADING_1,
            children: [run({ text: title, isStrong: true }, { size: 30 })],
          }),
          new Paragraph({ children: [run({ text: facts }, { size: 16, color: paper.quiet })] }),
          ...sections.flatMap((section) => [
            new Paragraph({
              heading: HeadingLevel.HEADING_2,
              keepNext: true,
              spacing: { before: 320, after: 80 },
              children: [run({ text: section.title, isStrong: true }, { size: 22 })],
            }),
            ...section.blocks.flatMap((block, index) => blockParts(block, isHead(section.blocks, index), lists)),
          ]),
          new Paragraph({
            spacing: { before: 320 },
            children: [run({ text: footer }, { size: 16, color: paper.quiet })],
          }),
        ],
      },
    ],
  });
  const written = await Packer.toBuffer(document);
  const at = `${madeAt.toISOString().slice(0, 19)}Z`;
  let pictures = 0;
  return rezipped(written, {
    // Two pictures are two things; the library takes the number from what it made before.
    'word/document.xml': (text) =>
      text.replace(/(<wp:docPr id=")[^"]*/g, (_whole, start: string) => `${start}${++pictures}`),
    'docProps/core.xml': (text) => text.replace(/(<dcterms:(created|modified)[^>]*>)[^<]*(<)/g, `$1${at}$3`),
  });
}
