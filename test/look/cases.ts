/** @file Pictures of a case: each of its tabs with something in it, and what opens over it. */
import { idle, keys, picture, type Look } from './page.ts';

const tabs = ['summary', 'alerts', 'timeline', 'tasks', 'notes', 'attachments', 'report'] as const;

export async function caseTabs(look: Look): Promise<void> {
  const { page } = look;
  await keys(page, 'g', 'c', 'Enter');
  await idle(page);
  await keys(page, '5', 'n');
  await page.keyboard.type(
    'The account is **locked**; the session on gw1 has ended.\n\n- ask the owner\n- keep the image',
  );
  await keys(page, 'Control+Enter', 'Escape');
  await keys(page, '4', 'Shift+N');
  for (const task of ['Lock the account', 'Keep the evidence of gw1', 'Find the way in']) {
    await page.keyboard.type(task);
    await keys(page, 'Enter');
  }
  await keys(page, 'Escape');
  for (const [index, tab] of tabs.entries()) {
    await keys(page, String(index + 1));
    await idle(page);
    // The preview of a report is a page of its own.
    if (tab === 'report') await page.waitForTimeout(2000);
    await picture(look, `80-case-${index + 1}-${tab}`);
    if (tab === 'timeline') {
      await page.getByLabel('Name of the phase in view').fill('Entry');
      await keys(page, 'Enter', 'Escape');
      await idle(page);
      await picture(look, '80-case-3-timeline-phase');
    }
  }
  await page.getByRole('button', { name: 'Edit' }).click();
  await idle(page);
  await picture(look, '80-case-8-report-edited');
  await page.getByRole('button', { name: 'Edit' }).click();
  await keys(page, '1');
  await page.getByRole('button', { name: 'Due: pick a day' }).click();
  await idle(page);
  await picture(look, '80-case-9-due');
  await keys(page, 'Escape', 'i');
  await idle(page);
  await picture(look, '80-import-bundle');
  await keys(page, 'Escape');
  await keys(page, '1', 'Shift+T');
  await idle(page);
  await picture(look, '81-case-template');
  await keys(page, 'Escape', 'Shift+M');
  await idle(page);
  await picture(look, '82-case-merge');
  await keys(page, 'Escape', 'c');
  await idle(page);
  await picture(look, '83-case-close');
  await keys(page, 'Escape');
}

/** What has dialogs or pages of its own elsewhere: logs, settings to their end, what is asked while there is nothing yet. */
export async function elsewhere(look: Look): Promise<void> {
  const { page } = look;
  await keys(page, 'g', 'l', '/');
  await page.keyboard.type('sshd');
  await keys(page, 'Enter');
  await idle(page);
  await picture(look, '84-log-search');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('nothinghasthis');
  await keys(page, 'Enter');
  await idle(page);
  await picture(look, '85-log-search-empty');
  await keys(page, 'Escape', 'Escape', 'g', 'l', 'Delete');
  await idle(page);
  await picture(look, '86-remove-log');
  await keys(page, 'Escape', 'g', 'e', 'Escape', '/');
  await page.keyboard.type('nobody-of-this-name');
  await keys(page, 'Enter');
  await idle(page);
  await picture(look, '87-entity-unknown');
  await keys(page, 'Control+,');
  const settings = page.locator('main [data-scroll], main .scroll').first();
  for (let step = 1; step <= 4; step++) {
    await settings.evaluate((element) => element.scrollBy(0, element.clientHeight * 0.9));
    await picture(look, `88-settings-${step}`);
  }
  await keys(page, 'g', 'q');
  await page.getByRole('tab', { name: /^Teach/ }).click();
  await idle(page);
  await picture(look, '89-teach');
  await page.getByRole('tab', { name: /^Muted/ }).click();
  await idle(page);
  await picture(look, '89-muted-empty');
  await page.getByRole('tab', { name: /^Open/ }).click();
  await idle(page);
  await keys(page, 'w');
  await idle(page);
  await picture(look, '89-attention');
  await keys(page, 'w', 'g', 'h');
  await idle(page);
  await picture(look, '95-handover');
  await keys(page, 'g', 'm', 'Shift+L');
  await idle(page);
  await picture(look, '90-retrain');
  await keys(page, 'Escape');
}
