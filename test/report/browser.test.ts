/** @file The HTML report in a real browser. Catches any text that becomes an element, an attribute, a script or a request. */
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htmlOf } from './samples.ts';
import { visible, visibleLines } from '../../src/main/report/visible.ts';
import { markdownTree, type MarkdownNode } from '../../src/shared/markdown.ts';
import { hostileTexts, withTexts } from './hostile.ts';
import { report } from './samples.ts';

const executablePath = '/usr/bin/chromium';
const hasBrowser = existsSync(executablePath);
if (!hasBrowser) console.warn(`Skipped: there is no ${executablePath} to open reports in.`);

const allowedElements = new Set(
  (
    'html head meta title style body main header footer section article h1 h2 h3 p span b bdi pre mark ' +
    'table thead tbody tr th td figure figcaption svg line rect circle text'
  ).split(' '),
);
/** Also in what an analyst wrote in Markdown. */
const writtenElements = new Set([
  ...allowedElements,
  ...'div h4 ul ol li blockquote hr br code strong em s'.split(' '),
]);
const allowedAttributes = new Set(
  'lang charset http-equiv content name class start title xmlns viewBox role aria-label x y x1 x2 y1 y2 cx cy r width height text-anchor stroke fill font-size transform'.split(
    ' ',
  ),
);

const textsOf = (nodes: readonly MarkdownNode[]): string[] =>
  nodes.flatMap(({ text, children }) => [...(text === '' ? [] : [text]), ...textsOf(children)]);

type Seen = {
  elements: string[];
  written: string[];
  attributes: string[];
  texts: string[];
  pwned: boolean;
  mode: string;
};

/** Runs in the page; as text, because the browser's types are not those of the tests. */
const look = `(() => {
  const elements = [...document.querySelectorAll('*')];
  return {
    elements: [...new Set(elements.filter((element) => !element.closest('.written')).map((element) => element.localName))],
    written: [...new Set(elements.filter((element) => element.closest('.written')).map((element) => element.localName))],
    attributes: [...new Set(elements.flatMap((element) => element.getAttributeNames()))],
    texts: elements.flatMap((element) => [
      element.textContent,
      ...element.getAttributeNames().map((name) => element.getAttribute(name)),
    ]),
    pwned: 'pwned' in window,
    mode: document.compatMode,
  };
})()`;

describe.skipIf(!hasBrowser)('a report in Chromium', () => {
  const address = 'http://report.test/';
  let browser: Browser;
  let page: Page;
  let body = '';
  const requests: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage();
    // Sees what would leave the browser, after its own policy has had its say.
    await page.route('**', async (route) => {
      if (route.request().url() === address) {
        await route.fulfill({ contentType: 'text/html; charset=utf-8', body });
        return;
      }
      requests.push(route.request().url());
      await route.abort();
    });
  });
  afterAll(async () => {
    await browser.close();
  });

  async function open(html: string): Promise<Seen> {
    requests.length = 0;
    body = html;
    await page.goto(address, { waitUntil: 'load' });
    return page.evaluate<Seen>(look);
  }

  test.each(hostileTexts.map((text) => [JSON.stringify(text), text]))(
    '%s is text in every field',
    async (_name, text) => {
      const paths: string[] = [];
      const hostile = withTexts(report, (path) => {
        paths.push(path);
        return `${path} ${text}`;
      });
      const seen = await open(htmlOf(hostile));
      expect(seen.elements.filter((name) => !allowedElements.has(name))).toEqual([]);
      expect(seen.written.filter((name) => !writtenElements.has(name))).toEqual([]);
      expect(seen.attributes.filter((name) => !allowedAttributes.has(name))).toEqual([]);
      expect({ pwned: seen.pwned, mode: seen.mode, requests }).toEqual({
        pwned: false,
        mode: 'CSS1Compat',
        requests: [],
      });
      const unseen = paths.filter((path) => {
        if (path.endsWith('.alertId')) return false; // no report prints them
        if (/\.observables\.\d+\.text$/.test(path)) return false; // defanged
        const written = `${path} ${text}`;
        const lines = /\.notes\.\d+\.text$|\.(summary|findings)$/.test(path)
          ? textsOf(markdownTree(written)).flatMap(visibleLines)
          : path.endsWith('.note')
            ? visibleLines(written)
            : [visible(written)];
        return lines.some((line) => !seen.texts.some((found) => found.includes(line)));
      });
      expect(unseen).toEqual([]);
    },
  );

  test('its own policy stops a script that got in all the same', async () => {
    const bad = '<script>window.pwned = 1</script><img src="https://evil.example/x"></body>';
    expect((await open(htmlOf(report).replace('</body>', bad))).pwned).toBe(false);
    expect(requests).toEqual([]);
  });
});
