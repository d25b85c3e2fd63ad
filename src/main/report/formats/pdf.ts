/** @file A report as PDF, the same on both hosts: A4, embedded fonts, no link, no script, no request. */
import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';
import type { MarkdownNode } from '../../../shared/markdown.ts';
import { isHead, type Block, type ReportDocument, type Run, type TableBlock } from '../document.ts';
import { formatCount } from '../format.ts';
import { heatClass } from '../heat.ts';
import { heatColours, paper, severityColours, verdictColours } from '../palette.ts';
import { markerOf, passagesOf } from '../passages.ts';
import { fitsIn, markShape, pictureWidth, type TimelinePicture } from '../timeline.ts';
import { fontPaths, heightOf, TextLayout, type FontName, type Line, type Style, type StyledText } from './pdfText.ts';

/** In points. */
const page = { width: 595.28, height: 841.89, side: 40, top: 50, bottom: 46 };
const contentWidth = page.width - 2 * page.side;
const lowest = page.height - page.bottom;
/** Between the cells of a row, and over and under what is in them. */
const cellGap = 6;
const cellPadding = 2;
/** Of a list, with its blank; also what a quotation is set in. */
const markerWidth = 14;
/** Under what heads something there must be room for so much of it: the head of a table and its first row. */
const kept = 80;

class Pages {
  readonly #pdf: PDFKit.PDFDocument;
  readonly #text: TextLayout;
  readonly #styles = new Map<string, Style>();
  #y = page.top;

  constructor(pdf: PDFKit.PDFDocument) {
    this.#pdf = pdf;
    this.#text = new TextLayout((text, { font, size }) => pdf.font(font, size).widthOfString(text));
  }

  drawable(text: string): string {
    return this.#text.drawable(text);
  }

  /** The same object for the same look: pieces of one look that follow each other are one. */
  style(
    font: FontName,
    size: number,
    colour: string = paper.ink,
    { ground = null, isSlanted = false, isStruck = false }: Partial<Style> = {},
  ): Style {
    const key = `${font} ${size} ${colour} ${ground} ${isSlanted} ${isStruck}`;
    const style = this.#styles.get(key) ?? { font, size, colour, ground, isSlanted, isStruck };
    this.#styles.set(key, style);
    return style;
  }

  #runStyle({ look, severity, verdict, bits, ...run }: Run, base: Style, isBold: boolean): Style {
    let [{ font, size, colour }, ground]: [Style, string | null] = [base, null];
    let strong = isBold || run.isStrong === true;
    if (look === 'log') [font, size] = ['Mono', Math.min(size, 7)];
    if (severity !== undefined) colour = severityColours[severity];
    if (verdict !== undefined) colour = verdictColours[verdict];
    if (bits !== undefined) {
      const heat = heatColours[heatClass(bits)] ?? { ground: null, ink: paper.ink };
      [ground, colour] = [heat.ground, heat.ink];
      strong ||= heatClass(bits) >= 5;
    }
    const isMono = font === 'Mono' || font === 'MonoBold';
    return this.style(isMono ? (strong ? 'MonoBold' : 'Mono') : strong ? 'SansBold' : 'Sans', size, colour, {
      ...{ ground, isSlanted: run.isEmphasised === true, isStruck: run.isStruck === true },
    });
  }

  styled(runs: readonly Run[], base: Style, isBold = false): StyledText[] {
    return runs.map((run) => ({ text: run.text, style: this.#runStyle(run, base, isBold) }));
  }

  #newPage(): void {
    this.#pdf.addPage();
    this.#y = page.top;
  }

  /** Begins a page where there is not so much room on this one. */
  #room(height: number): void {
    if (this.#y + height > lowest && this.#y > page.top) this.#newPage();
  }

  #drawLine({ pieces, width, height }: Line, left: number, top: number, right: number | null = null): void {
    const from = right === null ? left : right - width;
    for (const { text, style, x, width: wide } of pieces) {
      if (style.ground !== null) this.#pdf.rect(from + x, top, wide, height - 0.5).fill(style.ground);
      this.#put(text, style, from + x, top + (height - style.size * 1.17) / 2);
      if (style.isStruck) this.#pdf.rect(from + x, top + height / 2, wide, 0.5).fill(style.colour);
    }
  }

  #put(text: string, { font, size, colour, isSlanted }: Style, x: number, y: number): void {
    this.#pdf.font(font, size).fillColor(colour).text(text, x, y, { lineBreak: false, oblique: isSlanted });
  }

  #rule(y: number, colour: string = paper.line): void {
    this.#pdf
      .moveTo(page.side, y)
      .lineTo(page.side + contentWidth, y)
      .lineWidth(0.5)
      .strokeColor(colour)
      .stroke();
  }

  /**
   * Line by line, over as many pages as it takes. `inset`: from both sides; `indent`: from the left, with `marker` before the first line and a
   * bar beside all where it is quoted.
   */
  paragraph(
    texts: readonly StyledText[],
    { before = 1, after = 2, inset = 0, ground = false, keeps = 0, indent = 0, marker = '', isQuoted = false } = {},
  ): void {
    const lines = this.#text.brokenLines(texts, contentWidth - 2 * inset - indent);
    const left = page.side + indent;
    this.#y += before;
    this.#room((lines[0]?.height ?? 0) + keeps);
    for (const [index, line] of lines.entries()) {
      this.#room(line.height);
      if (ground) this.#pdf.rect(left, this.#y, contentWidth - indent, line.height).fill(paper.raised);
      if (isQuoted) this.#pdf.rect(left - 7, this.#y, 1.5, line.height).fill(paper.rule);
      if (index === 0 && marker !== '') this.#put(marker, this.style('Sans', 9), left - markerWidth, this.#y + 1);
      this.#drawLine(line, left + inset, this.#y);
      this.#y += line.height;
    }
    this.#y += after;
  }

  /** `keeps`: room for what follows, which it heads. */
  block(block: Block, keeps: number): void {
    const text = this.style('Sans', 9);
    const quiet = this.style('Sans', 8, paper.quiet);
    switch (block.kind) {
      case 'heading':
        return this.paragraph(this.styled(block.runs, text, true), { before: 9, keeps });
      case 'paragraph':
        return this.paragraph(this.styled(block.runs, block.isQuiet === true ? quiet : text), { keeps });
      case 'line':
        return this.paragraph(this.styled(block.runs, this.style('Mono', 7.5)), {
          ...{ before: 3, after: 4, inset: 8, ground: true },
        });
      case 'lines':
        for (const { number, text: raw, isMain } of block.lines) {
          const style = this.style(isMain ? 'MonoBold' : 'Mono', 6.5, isMain ? paper.ink : '#5A6472');
          this.paragraph([{ text: `${formatCount(number)}  ${raw}`, style }], {
            ...{ before: 0, after: 0, inset: 8, ground: true },
          });
        }
        this.#y += 4;
        return;
      case 'table':
        return this.#table(block);
      case 'written':
        return this.#written(block.nodes);
      case 'timeline':
        this.#timeline(block.picture);
        return this.paragraph([{ text: block.caption, style: quiet }], { after: 4 });
    }
  }

  #written(nodes: readonly MarkdownNode[]): void {
    const text = this.style('Sans', 9);
    for (const passage of passagesOf(nodes)) {
      const { around } = passage;
      // Deeper ones stand where the deepest that fits does.
      const indent = Math.min(markerWidth * around.length, contentWidth / 2);
      const place = { indent, marker: markerOf(passage), isQuoted: around.includes('quotation') };
      switch (passage.kind) {
        case 'text':
          this.paragraph(this.styled(passage.runs, text), place);
          break;
        case 'heading': {
          const style = this.style('SansBold', passage.level === 1 ? 10 : 9);
          this.paragraph(this.styled(passage.runs, style, true), { ...place, before: 6, keeps: 30 });
          break;
        }
        case 'code': {
          const code = { text: passage.lines.join('\n'), style: this.style('Mono', 7.5) };
          this.paragraph([code], { ...place, before: 3, after: 4, inset: 8, ground: true });
          break;
        }
        case 'rule':
          this.#y += 4;
          this.#room(8);
          this.#rule(this.#y, paper.rule);
          this.#y += 4;
          break;
        case 'table':
          this.#table(passage.table);
      }
    }
  }

  #table({ columns, rows }: TableBlock): void {
    const total = columns.reduce((sum, { share }) => sum + share, 0);
    const free = contentWidth - cellGap * (columns.length - 1);
    const widths = columns.map(({ share }) => (free * share) / total);
    const lefts = widths.map(
      (_, index) => page.side + widths.slice(0, index).reduce((sum, one) => sum + one + cellGap, 0),
    );
    const laid = (cells: readonly StyledText[][]): Line[][] =>
      cells.map((cell, index) => this.#text.lines(cell, widths[index] ?? contentWidth));
    const titleStyle = this.style('Sans', 7.5, paper.quiet);
    const head = laid(columns.map(({ title }) => [{ text: title, style: titleStyle }]));
    const base = this.style('Sans', 7.5);
    const draw = (cells: readonly Line[][], isMain: boolean): void => {
      const height = Math.max(...cells.map(heightOf)) + 2 * cellPadding;
      if (isMain) this.#pdf.rect(page.side, this.#y, contentWidth, height).fill(paper.raised);
      cells.forEach((lines, index) => {
        const [left, width] = [lefts[index] ?? page.side, widths[index] ?? 0];
        let top = this.#y + cellPadding;
        for (const line of lines) {
          this.#drawLine(line, left, top, columns[index]?.isNumber === true ? left + width : null);
          top += line.height;
        }
      });
      this.#y += height;
      this.#rule(this.#y);
    };
    const headHeight = Math.max(...head.map(heightOf)) + 2 * cellPadding;
    const mostHeight = lowest - page.top - headHeight - 2 * cellPadding;
    this.#y += 3;
    const [first] = cutRow(laid((rows[0]?.cells ?? []).map((cell) => this.styled(cell, base))), mostHeight);
    // A head alone at the end of a page says nothing.
    this.#room(headHeight + Math.max(kept, ...(first ?? []).map(heightOf)) + 2 * cellPadding);
    draw(head, false);
    for (const { cells, isMain } of rows) {
      // A row that fits no page goes on where it was cut; any other stays whole.
      for (const part of cutRow(laid(cells.map((cell) => this.styled(cell, base))), mostHeight)) {
        const height = Math.max(...part.map(heightOf)) + 2 * cellPadding;
        if (this.#y + height > lowest) {
          this.#newPage();
          draw(head, false);
        }
        draw(part, isMain === true);
      }
    }
    this.#y += 4;
  }

  #timeline(picture: TimelinePicture): void {
    const scale = contentWidth / pictureWidth;
    this.#room(picture.height * scale + 20);
    const pdf = this.#pdf;
    const quiet = this.style('Sans', 10, paper.quiet);
    const small = this.style('Sans', 7, paper.quiet);
    const words = (text: string, x: number, y: number, style = quiet, isCentred = false): void =>
      this.#put(this.drawable(text), style, isCentred ? x - this.#text.width(text, style) / 2 : x, y);
    pdf.save().translate(page.side, this.#y).scale(scale);
    for (const { x, width, name } of picture.phases) {
      pdf.rect(x, 2, width, 16).fill(paper.line);
      if (fitsIn(name, width)) words(name, x + width / 2, 4, quiet, true);
    }
    const right = pictureWidth - 24;
    for (const { name, y } of picture.lanes) {
      pdf.moveTo(64, y).lineTo(right, y).lineWidth(1).strokeColor(paper.line).stroke();
      words(name, 0, y - 6);
    }
    pdf.moveTo(64, picture.axisY).lineTo(right, picture.axisY).strokeColor(paper.axis).stroke();
    for (const mark of picture.marks) {
      const { kind, colour, size } = markShape(mark);
      const { x, y, count } = mark;
      const half = size / 2 + 0.5;
      if (kind === 'bar') pdf.rect(x - 1.5, y - size / 2, 3, size).fill(colour);
      else if (kind === 'dot') pdf.circle(x, y, size / 2).fill(colour);
      else if (kind === 'page')
        pdf
          .rect(x - 3, y - 4.5, 6, 9)
          .lineWidth(1)
          .strokeColor(colour)
          .stroke();
      else pdf.polygon([x, y - half], [x + half, y], [x, y + half], [x - half, y]).fill(colour);
      if (count > 1) words(formatCount(count), x + 6, y - 11, small);
    }
    for (const { x, text } of picture.ticks) {
      pdf
        .moveTo(x, picture.axisY)
        .lineTo(x, picture.axisY + 4)
        .strokeColor(paper.axis)
        .stroke();
      words(text, x, picture.axisY + 5, quiet, true);
    }
    pdf.restore();
    this.#y += picture.height * scale + 2;
  }

  /** Over and under every page, when it is known how many there are. */
  margins(label: string, madeAt: string): void {
    const style = this.style('Sans', 8, paper.quiet);
    const { count } = this.#pdf.bufferedPageRange();
    for (let index = 0; index < count; index++) {
      this.#pdf.switchToPage(index);
      this.#put(this.drawable(label), style, page.side, 24);
      const made = this.drawable(madeAt);
      const right = page.side + contentWidth;
      this.#put(made, style, right - this.#text.width(made, style), 24);
      const number = `${index + 1} of ${count}`;
      this.#put(number, style, right - this.#text.width(number, style), page.height - 30);
    }
  }
}

/** The lines of a row, in parts that are no higher than a page. */
function cutRow(cells: readonly Line[][], mostHeight: number): Line[][][] {
  if (Math.max(...cells.map(heightOf)) <= mostHeight) return [[...cells]];
  const left = cells.map((lines) => [...lines]);
  const parts: Line[][][] = [];
  while (left.some((lines) => lines.length > 0)) {
    parts.push(
      left.map((lines) => {
        let height = 0;
        let taken = 0;
        while (taken < lines.length && height + (lines[taken]?.height ?? 0) <= mostHeight)
          height += lines[taken++]?.height ?? 0;
        return lines.splice(0, Math.max(1, taken));
      }),
    );
  }
  return parts;
}

/** The same report gives the same bytes: the date in the file is when the report was made. */
export async function renderPdf(report: ReportDocument, madeAt: Date): Promise<Uint8Array> {
  const pdf = new PDFDocument({
    ...{ size: 'A4', margin: 0, bufferPages: true, lang: 'en', pdfVersion: '1.7', displayTitle: true },
    info: { Creator: 'Surprisal', Producer: 'Surprisal', CreationDate: madeAt, ModDate: madeAt },
  });
  for (const [name, path] of Object.entries(fontPaths)) pdf.registerFont(name, path);
  const pages = new Pages(pdf);
  pdf.info.Title = pages.drawable(`${report.name} ${report.title}`);
  const written = buffer(pdf);
  const quiet = pages.style('Sans', 9, paper.quiet);
  pages.paragraph([{ text: report.title, style: pages.style('SansBold', 15) }], { after: 4 });
  pages.paragraph([{ text: report.facts, style: quiet }]);
  for (const { title, blocks } of report.sections) {
    pages.paragraph([{ text: title, style: pages.style('SansBold', 11) }], { before: 14, after: 4, keeps: 1.5 * kept });
    for (const [index, block] of blocks.entries()) pages.block(block, isHead(blocks, index) ? kept : 0);
  }
  pages.paragraph([{ text: report.footer, style: pages.style('Sans', 8, paper.quiet) }], { before: 16 });
  pages.margins(report.label, report.madeAt);
  pdf.end();
  return written;
}
