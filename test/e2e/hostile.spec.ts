/** @file A hostile log through every view: it stays text, its tricks are visible, and nothing is asked of anybody else. */
import { expect, type Page } from '@playwright/test';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { surprisal, test } from './app.ts';
import { brand, hostileLines, hostileName } from './hostileLog.ts';

/** Characters that hide or reorder: shown as marks, never as themselves. */
const hidden = /\p{Bidi_Control}|[\u200b-\u200d\u2060\ufeff]|(?![\t\n])\p{Cc}/u;

/** What log text may never do, looked for in the page and in what it frames. */
async function expectInert(page: Page): Promise<void> {
  expect(await page.evaluate(`'pwned' in window`)).toBe(false);
  for (const frame of page.frames()) {
    expect(await frame.locator(`[${brand}]`).count()).toBe(0);
    const text = await frame.locator('body').innerText();
    const at = hidden.exec(text)?.index;
    expect(at === undefined ? '' : JSON.stringify(text.slice(Math.max(0, at - 40), at + 40))).toBe('');
    // What is read out or shown on pointing: titles and labels.
    const attributes = await frame.evaluate<string[]>(
      `[...document.querySelectorAll('*')].flatMap((element) => [...element.attributes].map(({ name, value }) => name + '=' + value))`,
    );
    expect(
      attributes.filter((attribute) => hidden.test(attribute)).map((attribute) => JSON.stringify(attribute)),
    ).toEqual([]);
  }
}

test('markup, scripts, reordering characters and control tokens of a log stay text in every view', async ({ app }) => {
  const { page, directory, complaints } = app;
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const quiet = join(directory, 'quiet.log');
  const labels = join(directory, 'labels.jsonl');
  await surprisal(
    ...['lab', '--lines', '1500', '--seed', '1', '--anomaly-rate', '0', '--output', quiet, '--labels', labels],
  );
  const hostile = join(directory, hostileName);
  await writeFile(hostile, `${hostileLines.join('\n')}\n`);
  const open = async (path: string): Promise<void> => {
    await app.willChoose(path);
    await page.keyboard.press('Control+o');
  };
  const go = async (key: string): Promise<void> => {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
  };

  await test.step('learned from a quiet log', async () => {
    await expect(page.getByText('See what your logs have never said before')).toBeVisible();
    await open(quiet);
    await expect(page.getByText(/fit syslog/)).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByText('1,500 lines of quiet.log read.')).toBeVisible();
    await page.keyboard.press('l');
    await expect(page.getByText(/Model m1 learned \d+ kinds of line/).first()).toBeVisible({ timeout: 120_000 });
  });

  await test.step('opened: the preview is text with marks', async () => {
    await open(hostile);
    await expect(page.getByText(/fit syslog/)).toBeVisible();
    await expect(page.getByText(`<script ${brand}>window.pwned=1</script>`).first()).toBeVisible();
    await expectInert(page);
    await page.keyboard.press('Enter');
    await expect(page.getByText(/\d+ alerts? in 140 lines/).first()).toBeVisible();
    await expectInert(page);
  });

  await test.step('its name everywhere: work done, the palette, the dialog that removes it, the file opened once more', async () => {
    await go('j');
    await expect(page.getByRole('article', { name: /U\+202E/ }).first()).toBeVisible();
    await expectInert(page);
    await go('j');
    await open(hostile);
    await page.getByRole('tab').last().click();
    await expect(page.getByText(/imported before, as/)).toContainText('U+202E');
    await expectInert(page);
    await page.keyboard.press('Escape');
    await go('l');
    await page.getByRole('button', { name: new RegExp(`^<img ${brand}`) }).click();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('score');
    await expect(page.getByRole('option').filter({ hasText: 'U+202E' }).first()).toBeVisible();
    await expectInert(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Delete');
    await expect(page.getByRole('dialog')).toContainText('U+202E');
    await expectInert(page);
    await page.keyboard.press('Escape');
  });

  await test.step('read in the logs view, to its end', async () => {
    await go('l');
    await page.getByRole('button', { name: new RegExp(`^<img ${brand}`) }).click();
    await expect(page.getByText(`<script ${brand}>window.pwned=1</script>`).first()).toBeVisible();
    await expectInert(page);
    await page.keyboard.press('End');
    await expect(page.getByText('https://evil.example/collect?cookie=1').first()).toBeVisible();
    await expectInert(page);
  });

  const openCount = page.getByRole('tab', { name: /^Open/ });

  await test.step('triaged: every alert is opened', async () => {
    await go('q');
    await expect(openCount).toHaveText(/Open\s*\d\d/);
    const total = Number(/\d+/.exec((await openCount.textContent()) ?? '')?.[0]);
    const number = page.getByText(/^A-\d+$/).first();
    await expect(number).toBeVisible();
    const seen = new Set<string>();
    for (let index = 0; index < total; index++) {
      seen.add((await page.getByRole('main').innerText()).replaceAll(/\s+/g, ' '));
      await expectInert(page);
      await page.keyboard.press('j');
    }
    // Its values as they can be picked: of the alert, the line and the session.
    for (let index = 0; index < Math.min(total, 8); index++) {
      await page.keyboard.press('f');
      await expect(page.getByRole('menu')).toBeVisible();
      await expectInert(page);
      await page.keyboard.press('Escape');
      await page.keyboard.press('k');
    }
    const shown = [...seen].join(' ');
    // Tricks of a line are visible as marks where the line is shown.
    for (const mark of ['U+202E', 'U+200B', '␛', '␀']) expect(shown.includes(mark), mark).toBe(true);
    for (const text of ['<SEP>', '<|endoftext|>', '<IP>', `<img ${brand} src=x`])
      expect(shown.includes(text), text).toBe(true);
  });

  await test.step('reported: a case with a hostile title, its preview and its file', async () => {
    await page.keyboard.press('Shift+E');
    await page.keyboard.press('Control+a');
    await page.keyboard.type(`<img ${brand} src=x onerror=window.pwned=1> =1+1`);
    await page.keyboard.press('Enter');
    await expect(page.getByText(/in C-1/).first()).toBeVisible();
    await go('c');
    await expect(page.getByText(`<img ${brand}`).first()).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByText(/Audit chain intact/i).first()).toBeVisible();
    await page.keyboard.press('7');
    const preview = page.frameLocator('iframe[title="Preview of the report"]');
    await expect(preview.getByText(`<img ${brand} src=x onerror=window.pwned=1> =1+1`).first()).toBeVisible();
    await expectInert(page);
    const html = await readFile(await app.saved(() => page.keyboard.press('r')), 'utf8');
    expect(html).not.toMatch(new RegExp(`<[^>&]*${brand}`));
    expect(hidden.test(html)).toBe(false);
  });

  await expectInert(page);
  const { origin, protocol, host } = new URL(page.url());
  const own = origin === 'null' ? `${protocol}//${host}` : origin;
  expect(asked.filter((url) => !url.startsWith(own) && !/^(data|blob|about):/.test(url))).toEqual([]);
  expect(dialogs).toEqual([]);
  expect(complaints).toEqual([]);
});
