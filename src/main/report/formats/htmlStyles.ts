/** @file The look of an HTML report: the app's light tokens on a page that prints. No colour carries a meaning alone. */
import { heatColours, paper, severityColours, verdictColours } from '../palette.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

const heat = heatColours.map(({ ground, ink }, index) =>
  ground === null
    ? null
    : markup`mark.s${index} { background: ${ground}; color: ${ink}; ${index >= 5 ? 'font-weight: 700; text-decoration: underline;' : null} }\n  `,
);
const severities = Object.entries(severityColours).map(
  ([level, colour]) => markup`.sev-${level} { color: ${colour}; }\n  `,
);
const verdicts = Object.entries(verdictColours).map(
  ([value, colour]) => markup`.vd-${value} { color: ${colour}; }\n  `,
);

export const styles: Markup = markup`
  :root { color-scheme: light; }
  body { margin: 0; background: #E9ECF0; color: ${paper.ink}; font: 13px/1.45 Inter, system-ui, sans-serif; font-variant-numeric: tabular-nums; }
  main { max-width: 760px; margin: 24px auto; padding: 40px 48px; background: ${paper.ground}; }
  header p, .support, figcaption, th { color: ${paper.quiet}; }
  .top { display: flex; justify-content: space-between; gap: 16px; margin: 0; }
  h1 { font-size: 20px; line-height: 1.25; margin: 8px 0; overflow-wrap: anywhere; }
  h2 { font-size: 14px; margin: 28px 0 8px; padding-bottom: 4px; border-bottom: 1px solid ${paper.rule}; break-after: avoid; }
  h3 { font-size: 13px; margin: 0; padding-top: 10px; margin-top: 16px; border-top: 1px solid ${paper.line}; overflow-wrap: anywhere; break-after: avoid; }
  h2 + h3 { border-top: 0; margin-top: 0; }
  p { margin: 4px 0; overflow-wrap: anywhere; }
  table { width: 100%; border-collapse: collapse; margin: 6px 0; }
  th, td { text-align: left; vertical-align: top; padding: 3px 8px 3px 0; border-bottom: 1px solid ${paper.line}; overflow-wrap: break-word; }
  th { font-weight: 500; white-space: nowrap; }
  td.number, th.number { text-align: right; white-space: nowrap; }
  td.short { white-space: nowrap; } td.name { min-width: 15ch; overflow-wrap: anywhere; } td.time { min-width: 19ch; }
  tr.main td { background: ${paper.raised}; }
  .log { font: 11.5px/1.6 "JetBrains Mono", ui-monospace, monospace; font-variant-ligatures: none; direction: ltr; unicode-bidi: isolate; white-space: pre-wrap; overflow-wrap: anywhere; }
  pre.log { margin: 6px 0; padding: 8px 10px; background: ${paper.raised}; border: 1px solid ${paper.line}; border-radius: 4px; color: ${paper.ink}; }
  .around { color: #5A6472; }
  .around b { color: ${paper.ink}; }
  mark { background: transparent; color: inherit; }
  ${heat}${severities}${verdicts}
  .written h4 { font-size: 13px; margin: 10px 0 2px; }
  .written ul, .written ol { margin: 4px 0; padding-left: 22px; } .written hr { border: 0; border-top: 1px solid ${paper.rule}; margin: 8px 0; }
  .written blockquote { margin: 4px 0; padding-left: 10px; border-left: 2px solid ${paper.rule}; } .written code { padding: 0 2px; background: ${paper.raised}; }
  figure { margin: 0; } svg { display: block; width: 100%; }
  footer { margin-top: 28px; padding-top: 8px; border-top: 1px solid ${paper.rule}; color: ${paper.quiet}; }
  @page { margin: 16mm; }
  @media print {
    body { background: ${paper.ground}; } main { margin: 0; padding: 0; max-width: none; }
    mark, .sev-5, .sev-4, .sev-3, .sev-2, .sev-1 { print-color-adjust: exact; }
  }
`;
