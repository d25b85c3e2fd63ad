/** @file The look of a report: the app's light tokens on a page that prints. No colour carries a meaning alone. */
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

export const styles: Markup = markup`
  :root { color-scheme: light; }
  body { margin: 0; background: #E9ECF0; color: #12161D; font: 13px/1.45 Inter, system-ui, sans-serif; font-variant-numeric: tabular-nums; }
  main { max-width: 760px; margin: 24px auto; padding: 40px 48px; background: #FFFFFF; }
  header p, .support, figcaption, th { color: #596473; }
  .top { display: flex; justify-content: space-between; gap: 16px; margin: 0; }
  h1 { font-size: 20px; line-height: 1.25; margin: 8px 0; overflow-wrap: anywhere; }
  h2 { font-size: 14px; margin: 28px 0 8px; padding-bottom: 4px; border-bottom: 1px solid #C3CAD4; break-after: avoid; }
  h3 { font-size: 13px; margin: 20px 0 4px; overflow-wrap: anywhere; break-after: avoid; }
  p { margin: 4px 0; overflow-wrap: anywhere; }
  table { width: 100%; border-collapse: collapse; margin: 6px 0; }
  th, td { text-align: left; vertical-align: top; padding: 3px 8px 3px 0; border-bottom: 1px solid #E0E4EA; overflow-wrap: break-word; }
  th { font-weight: 500; white-space: nowrap; }
  td.number, th.number { text-align: right; white-space: nowrap; }
  td.short { white-space: nowrap; } td.name, td.log { min-width: 8em; overflow-wrap: anywhere; }
  tr.culprit td { background: #F6F7F9; } tr.culprit td.log { font-weight: 600; }
  .log { font: 11.5px/1.6 "JetBrains Mono", ui-monospace, monospace; font-variant-ligatures: none; direction: ltr; unicode-bidi: isolate; white-space: pre-wrap; overflow-wrap: anywhere; }
  pre.log { margin: 6px 0; padding: 8px 10px; background: #F6F7F9; border: 1px solid #E0E4EA; border-radius: 4px; color: #12161D; }
  .around { color: #5A6472; }
  .around b { color: #12161D; }
  mark { background: transparent; color: inherit; }
  mark.s1 { background: #FFF3D1; color: #2B2410; }
  mark.s2 { background: #FFDD9B; color: #2B1E05; }
  mark.s3 { background: #FFB56B; color: #2A1403; }
  mark.s4 { background: #F47E55; color: #1C0703; }
  mark.s5 { background: #B52A66; color: #FFFFFF; font-weight: 700; text-decoration: underline; }
  mark.s6 { background: #4E1668; color: #FFFFFF; font-weight: 700; text-decoration: underline; }
  .sev-5 { color: #BF2430; fill: #BF2430; } .sev-4 { color: #A84A06; fill: #A84A06; } .sev-3 { color: #7A5F00; fill: #7A5F00; }
  .sev-2 { color: #38648C; fill: #38648C; } .sev-1 { color: #596473; fill: #596473; }
  .vd-true_positive { color: #B1351C; fill: #B1351C; } .vd-benign_true_positive { color: #7439BD; fill: #7439BD; }
  .vd-false_positive_logic { color: #0A6E52; fill: #0A6E52; } .vd-false_positive_data { color: #086595; fill: #086595; }
  .vd-undetermined { color: #515B69; fill: #515B69; }
  figure { margin: 0; } svg { display: block; width: 100%; }
  svg .axis, svg .tick { stroke: #78828F; } svg .label { font-size: 10px; fill: #596473; }
  article { break-inside: auto; } .alert { border-top: 1px solid #E0E4EA; margin-top: 16px; }
  footer { margin-top: 28px; padding-top: 8px; border-top: 1px solid #C3CAD4; color: #596473; }
  @page { margin: 16mm; }
  @media print {
    body { background: #FFFFFF; } main { margin: 0; padding: 0; max-width: none; }
    mark, .sev-5, .sev-4, .sev-3, .sev-2, .sev-1 { print-color-adjust: exact; }
  }
`;
