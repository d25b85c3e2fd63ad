/** @file Reports with hostile texts by the hundred: drawn from what breaks markup, spreadsheets, terminals and readers, the same for a seed. */
import * as fc from 'fast-check';
import type { CaseReport } from '../../src/main/report/caseReport.ts';
import { hostileTexts, withTexts } from './hostile.ts';
import { report } from './samples.ts';

// prettier-ignore
const pieces = [
  '<', '>', '</', '/>', '"', "'", '`', '&', '&lt', '&lt;', '&#x3c;', '&amp;', '<!--', '-->', '--!>', ']]>', '<?', '<![CDATA[', '</pre>', '</td>',
  '</title>', '</style>', '</script>', '<script>top.pwned=1</script>', '<img src=//evil.example/i onerror=top.pwned=1>', '<svg onload=top.pwned=1>',
  '<base href=//evil.example>', '<style>@import "//evil.example"', '<plaintext>', '<noscript>', '<template>', '<textarea>', '<xmp>', '<svg><title>',
  ' onclick=top.pwned=1 ', '" autofocus onfocus="top.pwned=1', '{{', '}}', '${', '=', '+', '-', '@', '＝', '＋', '－', '＠', '﹢', '﹣', '﹦', '﹫', ';', ',', ';=', ',=',
  '","=1+1","', '"\r\n"=1', '\t', '\r', '\n', '\r\n', '\v', '\f', '\0', ' ', '\u00a0', '\u3000', '\u2028', '\u2029', '\u0085',
  '\u001b[31m', '\u001b]8;;https://evil.example\u0007', '\u009b2J', '\u0007', '\u007f', '\u0008', '\u202e', '\u202d', '\u2066', '\u2069', '\u200f', '\u061c',
  '\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u3164', '\u2800', '\ufe0f', '\u{e0041}', '\u{e0100}', '\ufffe', '\uffff', '\ud83d', '\ude00',
  '😀', 'é', 'e\u0301', '漢', 'ש', 'a', '0', 'SUM(1)', "cmd|' /C calc'!A0", 'HYPERLINK("https://evil.example")', '\\', '%00', '$&', "$'",
];

const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }).map((all) => all.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.nat({ max: 0xffff }), { maxLength: 12 }).map((all) => String.fromCharCode(...all)),
  },
  { weight: 1, arbitrary: fc.constantFrom(...hostileTexts) },
);

export type Fuzzed = {
  report: CaseReport;
  /** Of every field that was replaced, by its path. */
  texts: Map<string, string>;
};

/** Every text of others is drawn anew: names, titles, notes, templates, raw lines and what stands around them. */
export function fuzzReports(count: number, seed: number): Fuzzed[] {
  const paths: string[] = [];
  withTexts(report, (path) => (paths.push(path), ''));
  const drawn = fc.sample(text, { numRuns: count * paths.length, seed });
  return Array.from({ length: count }, (_, index) => {
    const texts = new Map(paths.map((path, place) => [path, drawn[index * paths.length + place] ?? '']));
    return { report: withTexts(report, (path) => texts.get(path) ?? ''), texts };
  });
}
