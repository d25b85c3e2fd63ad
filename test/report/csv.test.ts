/** @file CSV that a spreadsheet opens. Catches formulas that run, rows that fall apart, and text that was lost on the way. */
import { expect, test } from 'vitest';
import { renderCsv } from '../../src/main/report/formats/csv.ts';
import { visible } from '../../src/main/report/visible.ts';
import { hostileTexts, withTexts } from './hostile.ts';
import { report } from './samples.ts';

/** RFC 4180, strictly: quoted cells, CRLF after each record. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let cells: string[] = [];
  const cell = /"((?:[^"]|"")*)"(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (!match) throw new Error(`No cell at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    cells.push((match[1] as string).replaceAll('""', '"'));
    if (match[2] === ',') continue;
    rows.push(cells);
    cells = [];
  }
  return rows;
}

function parsed(text: string): string[][] {
  expect(text.startsWith('\ufeff')).toBe(true);
  return parseCsv(text.slice(1));
}

test('one row an alert, times with their offset', () => {
  const [header, ...rows] = parsed(renderCsv(report));
  const column = (name: string): string[] => rows.map((row) => row[header?.indexOf(name) ?? -1] ?? 'none');
  expect(column('alert')).toEqual(['A-10', 'A-12', 'A-13']);
  expect(column('time')).toEqual(['2026-11-20T13:50:00.000+01:00', '2026-11-20T13:58:41.000+01:00', '']);
  expect(column('verdict')).toEqual(['', 'True positive', 'Benign true positive']);
  expect(column('line')).toEqual(['1204377', '1204377', '1204377']);
});

test.each(hostileTexts.map((text) => [JSON.stringify(text), text]))('%s stays text in every cell', (_name, text) => {
  const output = renderCsv(withTexts(report, () => text));
  const rows = parsed(output);
  expect(rows.map((row) => row.length)).toEqual(Array.from({ length: report.alerts.length + 1 }, () => 28));
  const ours = new Set(['alert', 'case', 'bits', 'minus_log10_p', 'line']);
  rows.slice(1).forEach((row, rowIndex) => {
    row.forEach((content, index) => {
      if (ours.has(rows[0]?.[index] ?? '')) return;
      expect(content).not.toMatch(/^[\s]*[=+\-@\t\r＝＋－＠]/u);
    });
    const shown = row.map((content) => content.replaceAll(";'", ';'));
    expect(shown.filter((content) => content === visible(text) || content === `'${visible(text)}`)).toHaveLength(
      report.alerts[rowIndex]?.verdict ? 11 : 9,
    );
  });
  // As a spreadsheet that separates at semicolons would cut the file.
  for (const line of output.split('\r\n')) {
    for (const piece of line.split(';').slice(1)) expect(piece).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/u);
  }
});

test('the same report gives the same bytes in every time zone of the machine', () => {
  const zone = process.env['TZ'];
  const before = renderCsv(report);
  process.env['TZ'] = 'Asia/Tokyo';
  try {
    expect(renderCsv(structuredClone(report))).toBe(before);
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});
