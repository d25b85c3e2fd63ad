/** @file A report as one HTML file that needs nothing else: no script, no request, prints as it looks. */
import type { Block, Run, ReportDocument } from '../document.ts';
import { formatBits, formatCount, formatOdds } from '../format.ts';
import { heatClass } from '../heat.ts';
import { timelineSvg } from '../timeline.ts';
import { styles } from './htmlStyles.ts';
import { writtenMarkup } from './htmlWritten.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

function runMarkup({ text, look, isStrong, severity, verdict, bits }: Run): Markup {
  const classes = [
    look === 'log' ? 'log' : '',
    severity === undefined ? '' : `sev-${severity}`,
    verdict === undefined ? '' : `vd-${verdict}`,
  ].filter((name) => name !== '');
  if (bits !== undefined) {
    const label = `${formatBits(bits)}, ${formatOdds(bits)}`;
    return markup`<mark class="s${heatClass(bits)}" title="${label}">${text}</mark>`;
  }
  const named = look === 'name' ? markup`<bdi>${text}</bdi>` : text;
  const inner = isStrong === true ? markup`<b>${named}</b>` : named;
  return classes.length === 0 ? markup`${inner}` : markup`<span class="${classes.join(' ')}">${inner}</span>`;
}

function runs(all: readonly Run[]): Markup[] {
  return all.map(runMarkup);
}

function blockMarkup(block: Block): Markup {
  switch (block.kind) {
    case 'heading':
      return markup`<h3>${runs(block.runs)}</h3>\n`;
    case 'paragraph':
      return markup`<p class="${block.isQuiet === true ? 'support' : 'text'}">${runs(block.runs)}</p>\n`;
    case 'line':
      return markup`<pre class="log">${runs(block.runs)}</pre>\n`;
    case 'lines': {
      const rows = block.lines.map(({ number, text, isMain }) =>
        isMain ? markup`<b>${formatCount(number)}  ${text}</b>\n` : markup`${formatCount(number)}  ${text}\n`,
      );
      return markup`<pre class="log around">${rows}</pre>\n`;
    }
    case 'table': {
      const kinds = block.columns.map(({ isNumber, isTime, share }) =>
        isNumber === true ? 'number' : isTime === true ? 'time' : share >= 2 ? 'name' : 'short',
      );
      const heads = block.columns.map(({ title }, index) => markup`<th class="${kinds[index]}">${title}</th>`);
      const rows = block.rows.map(
        ({ cells, isMain }) =>
          markup`<tr class="${isMain === true ? 'main' : 'other'}">${cells.map((cell, index) => markup`<td class="${kinds[index]}">${runs(cell)}</td>`)}</tr>\n`,
      );
      return markup`<table><thead><tr>${heads}</tr></thead>\n<tbody>${rows}</tbody></table>\n`;
    }
    case 'written':
      return writtenMarkup(block.nodes);
    case 'timeline':
      return markup`<figure>${timelineSvg(block.picture, { isPlain: false })}<figcaption>${block.caption}</figcaption></figure>\n`;
  }
}

/** The whole file. The same report gives the same bytes. */
export function renderHtml({ name, label, title, madeAt, facts, sections, footer }: ReportDocument): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${name} ${title}</title>
<style>${styles}</style>
</head>
<body>
<main>
<header>
<p class="top"><span>${label}</span><span>${madeAt}</span></p>
<h1>${title}</h1>
<p>${facts}</p>
</header>
${sections.map((section) => markup`<section><h2>${section.title}</h2>\n${section.blocks.map(blockMarkup)}</section>\n`)}
<footer><p>${footer}</p></footer>
</main>
</body>
</html>
`;
  return page.toString();
}
