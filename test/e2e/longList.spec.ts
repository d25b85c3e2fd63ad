/** @file A queue of hundreds of alerts in the page: what it draws when rows leave it above the selected one, and when it goes to its end. Each row takes its time, and the next verdict's key waits for them. */
import { chromium, expect, type Page } from '@playwright/test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeStore } from '../bench/ui/madeStore.ts';
import { ask, test } from './app.ts';
import { serve, type Served } from './served.ts';

const selected = '[role=grid] [aria-selected=true]';
const query = { tab: 'open', filter: '', zone: 'UTC', asOf: null, order: 'severity' } as const;

test.describe('a long queue', () => {
  let folder: string;
  let served: Served;
  let page: Page;

  test.beforeEach(async ({ hostName }) => {
    test.skip(hostName !== 'browser', 'The page is the same everywhere.');
    folder = await mkdtemp(join(tmpdir(), 'surprisal-e2e-'));
    await makeStore(join(folder, 'workspace'), 600);
    served = await serve(join(folder, 'workspace'));
    const executablePath = process.env['SURPRISAL_CHROMIUM'];
    const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(served.link.href);
    await expect(page.getByRole('region', { name: 'Raw line' })).toBeVisible();
    await page.keyboard.press('Escape');
    await page.getByRole('grid', { name: 'Alerts' }).focus();
  });
  test.afterEach(async () => {
    await page?.context().browser()?.close();
    await served?.stop();
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test('rows that leave it above take none of those on screen with them', async () => {
    for (let times = 0; times < 8; times++) await page.keyboard.press('PageDown');
    const row = page.locator(selected);
    await expect(page.getByText('Loading')).toBeHidden();
    const before = Number(await row.getAttribute('aria-rowindex'));
    const id = await row.getAttribute('id');
    const top = (await row.boundingBox())?.y;
    const marked = await page.evaluate<number>(
      `[...document.querySelectorAll('[role=grid] [role=row]')].map((row) => (row.dataset.stayed = 'yes')).length`,
    );

    const { rows } = await ask(page, 'alerts.list', { ...query, limit: 60 });
    const selection = { kind: 'ids', ids: rows.map((alert) => alert.id) } as const;
    await ask(page, 'verdicts.give_many', { selection, value: 'undetermined', note: '', isWide: false });

    await expect(row).toHaveAttribute('aria-rowindex', String(before - 60));
    await expect(row).toHaveAttribute('id', id ?? '');
    expect((await row.boundingBox())?.y).toBe(top);
    await expect(page.locator('[role=grid] [data-stayed]')).toHaveCount(marked);
  });

  test('a jump draws what is on screen first, and what is around it once that is seen', async () => {
    await page.evaluate(`(() => {
      window.drawn = [];
      const rows = document.querySelector('[role=grid] [role=presentation] [role=presentation]');
      new MutationObserver(() => window.drawn.push(rows.children.length)).observe(rows, { childList: true });
    })()`);
    await page.keyboard.press('End');
    await expect(page.locator(selected)).toHaveAttribute('aria-rowindex', '601');
    await expect(page.getByText('Loading')).toBeHidden();
    await expect.poll(() => page.evaluate<boolean>('window.drawn[0] < window.drawn.at(-1)')).toBe(true);
  });
});
