/**
 * @file Hundreds of reports full of hostile texts in a real Chromium, in one page load: each has the elements and attributes of the same report
 * with tame texts, and every text is where its field is, as its visible form and nothing else. Catches an escape that one field lacks.
 */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import type { CaseReport } from '../../src/main/report/caseReport.ts';
import { htmlOf } from './samples.ts';
import { visible, visibleLines } from '../../src/main/report/visible.ts';
import { fuzzReports, type Fuzzed } from './fuzz.ts';
import { withTexts } from './hostile.ts';

const executablePath = '/usr/bin/chromium';
const hasBrowser = existsSync(executablePath);
if (!hasBrowser) console.warn(`Skipped: there is no ${executablePath} to open reports in.`);

const seed = 20_261_122;
const reports = 100;
const address = 'http://report.test/';
const isWritten = (path: string): boolean => /\.notes\.\d+\.text$|\.(summary|findings)$/.test(path);
/** As a block of code, where Markdown means nothing; how it is read else is in `written.test.ts`. A CR at the end would be one break with what follows. */
const asCode = (text: string): string =>
  text === '' ? '' : `${'~'.repeat(20)}\n${text.replace(/\r$/, '\n')}\n${'~'.repeat(20)}`;

/** The same report with a name for every text, a line for each line of a note, and what each name stands for. */
function tame({ report, texts }: Fuzzed): { report: CaseReport; shownAs: Map<string, string> } {
  const shownAs = new Map<string, string>();
  const nameOf = (shown: string): string => {
    const name = `⟦${shownAs.size}⟧`;
    shownAs.set(name, shown);
    return name;
  };
  const named = withTexts(report, (path) => {
    const written = texts.get(path) ?? '';
    if (written === '') return '';
    if (isWritten(path)) return asCode(visibleLines(written.replaceAll('\0', '\ufffd')).map(nameOf).join('\n'));
    return path.endsWith('.note') ? visibleLines(written).map(nameOf).join('\n') : nameOf(visible(written));
  });
  return { report: named, shownAs };
}

/** Spans of heat would cut the names, and defanging writes into them; how they do is in tests of their own. */
const withoutHeat = (report: CaseReport): CaseReport => ({
  ...report,
  observables: report.observables.map((observable) => ({ ...observable, kind: 'user', isInside: null })),
  alerts: report.alerts.map((alert) => ({ ...alert, raw: { ...alert.raw, heat: [] } })),
});

/** A document as a list: each element with its attributes, each text. Runs in the page. */
const look = `async (pages) => {
  const seen = [];
  for (const html of pages) {
    const frame = document.createElement('iframe');
    const loaded = new Promise((resolve) => { frame.onload = resolve; });
    frame.srcdoc = html;
    document.body.append(frame);
    await loaded;
    const found = [];
    const walk = (node) => {
      if (node.nodeType === 3) found.push('text ' + node.data);
      else if (node.nodeType !== 1) found.push('node ' + node.nodeType);
      else {
        found.push('<' + node.localName + ' ' + node.getAttributeNames().map((name) => name + '=' + JSON.stringify(node.getAttribute(name))).join(' ') + '>');
        node.childNodes.forEach(walk);
        found.push('</' + node.localName + '>');
      }
    };
    walk(frame.contentDocument.documentElement);
    seen.push({ found, pwned: 'pwned' in frame.contentWindow });
    frame.remove();
  }
  return { seen, pwned: 'pwned' in window };
}`;

type Looked = { seen: { found: string[]; pwned: boolean }[]; pwned: boolean };

test.skipIf(!hasBrowser)(
  `${reports} reports of hostile texts (seed ${seed}) are what their tame twins are`,
  async () => {
    const fuzzed = fuzzReports(reports, seed).map((one) => ({
      ...one,
      report: withoutHeat(
        withTexts(one.report, (path) => (isWritten(path) ? asCode : (text: string) => text)(one.texts.get(path) ?? '')),
      ),
    }));
    const twins = fuzzed.map(tame);
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      const asked: string[] = [];
      const dialogs: string[] = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await page.route('**', async (route) => {
        const url = route.request().url();
        if (url === address) return route.fulfill({ contentType: 'text/html; charset=utf-8', body: '<body></body>' });
        asked.push(url);
        return route.abort();
      });
      await page.goto(address);
      const lookAt = (pages: string[]): Promise<Looked> => page.evaluate(`(${look})(${JSON.stringify(pages)})`);
      const hostile = await lookAt(fuzzed.map((one) => htmlOf(one.report)));
      const expected = await lookAt(twins.map((one) => htmlOf(withoutHeat(one.report))));
      for (const [index, { found, pwned }] of hostile.seen.entries()) {
        const { shownAs } = twins[index] as (typeof twins)[number];
        // In an attribute a text stands inside a string of JSON.
        const reveal = (line: string): string =>
          line.replace(/⟦\d+⟧/g, (name) => {
            const shown = shownAs.get(name) ?? name;
            return line.startsWith('<') ? JSON.stringify(shown).slice(1, -1) : shown;
          });
        const wanted = joined(expected.seen[index]?.found.map(reveal) ?? []);
        expect({ index, pwned, found: joined(found) }).toEqual({ index, pwned: false, found: wanted });
      }
      expect({ pwned: hostile.pwned, asked, dialogs }).toEqual({ pwned: false, asked: [], dialogs: [] });
    } finally {
      await browser.close();
    }
  },
);

/** A text of nothing is no node. */
function joined(found: readonly string[]): string[] {
  return found.filter((line) => line !== 'text ');
}
