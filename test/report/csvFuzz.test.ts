/** @file Hundreds of CSV reports of hostile texts, read back by a reader of its own: every cell is its field's visible text, and none a formula. */
import { expect, test } from 'vitest';
import type { ReportAlert } from '../../src/main/report/caseReport.ts';
import { renderCsv } from '../../src/main/report/formats/csv.ts';
import { visible } from '../../src/main/report/visible.ts';
import { fuzzReports } from './fuzz.ts';

const seed = 4180;
const reports = 150;

/** RFC 4180 as a spreadsheet reads it: character by character, quoted or not, whatever ends the line. Throws where the file is none. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let state: 'start' | 'bare' | 'quoted' | 'closed' = 'start';
  const endCell = (): void => {
    rows.at(-1)?.push(cell);
    cell = '';
    state = 'start';
  };
  for (const [at, character] of [...text].entries()) {
    if (state === 'quoted') {
      if (character === '"') state = 'closed';
      else cell += character;
    } else if (character === '"') {
      if (state === 'bare') throw new Error(`A quote in the middle of a bare cell, at ${at}.`);
      if (state === 'closed') cell += '"';
      state = 'quoted';
    } else if (character === ',') endCell();
    else if (character === '\n') {
      endCell();
      rows.push([]);
    } else if (character !== '\r') {
      if (state === 'closed') throw new Error(`Text behind a quoted cell, at ${at}.`);
      cell += character;
      state = 'bare';
    }
  }
  if (state !== 'start' || rows.pop()?.length !== 0) throw new Error('The last record has no end.');
  return rows;
}

/** What a spreadsheet may take for a formula at the start of a cell; it leaves blanks and its own wide forms out of account. */
const formula = /^\s*[=+\-@＝＋－＠﹢﹣﹦﹫]/u;
const isGuarded = (content: string): boolean => content.startsWith("'");
const figures = new Set(['bits', 'minus_log10_p', 'line']);

/** The text of a cell without the guards. */
const unguarded = (content: string): string => content.replace(/^'/, '').replace(/;'+/g, ';');
const compared = (text: string): string => visible(text).replace(/^'/, '').replace(/;'+/g, ';');

/** Of each column of text, the field it shows. */
const fields: Record<string, (alert: ReportAlert, title: string) => string | null | undefined> = {
  case_title: (_alert, title) => title,
  what: (alert) => alert.title,
  reason: (alert) => alert.reasonText,
  template: (alert) => alert.template,
  entity: (alert) => alert.entity.text,
  host: (alert) => alert.host,
  source: (alert) => alert.sourceName,
  raw: (alert) => alert.raw.text,
  verdict_by: (alert) => alert.verdict?.analyst,
  verdict_note: (alert) => alert.verdict?.note,
  model: (alert) => alert.modelName,
};

test(`${reports} reports (seed ${seed}) come back cell by cell, in UTF-8 behind its mark, and no cell is a formula`, () => {
  for (const { report } of fuzzReports(reports, seed)) {
    const output = renderCsv(report);
    const bytes = Buffer.from(output, 'utf8');
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(output.isWellFormed()).toBe(true);
    const [header = [], ...rows] = readCsv(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    expect(rows.map((row) => row.length)).toEqual(report.alerts.map(() => header.length));
    for (const [index, row] of rows.entries()) {
      const alert = report.alerts[index] as ReportAlert;
      for (const [place, content] of row.entries()) {
        const name = header[place] ?? '';
        if (!figures.has(name) && !isGuarded(content)) expect([name, formula.test(content)]).toEqual([name, false]);
        const field = fields[name];
        if (field) expect([name, unguarded(content)]).toEqual([name, compared(field(alert, report.title) ?? '')]);
      }
    }
    // Where semicolons or tabs separate, the same file falls into other cells: they are no formulas either.
    for (const line of output.slice(1).split('\r\n')) {
      expect(line).not.toContain('\t');
      for (const piece of line.split(';').slice(1)) expect(piece).not.toMatch(/^[\s"]*[=+\-@＝＋－＠﹢﹣﹦﹫]/u);
    }
  }
});
