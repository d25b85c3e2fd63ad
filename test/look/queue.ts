/** @file Pictures of what opens over the queue: menus of values, groups, completion of a filter, and its dialogs. */
import { idle, keys, picture, type Look } from './page.ts';

export async function queueDialogs(look: Look): Promise<void> {
  const { page } = look;
  await keys(page, 'g', 'q', 'Home');
  await idle(page);
  await keys(page, 'f');
  await picture(look, '60-pick-a-value');
  await keys(page, '1');
  await picture(look, '61-value-menu');
  await keys(page, 'Escape');
  // By the mouse, inside of the line.
  const values = page.getByRole('group', { name: 'The line, part by part' }).locator('.value');
  for (let row = 0; row < 10 && (await values.count()) === 0; row++) {
    await keys(page, 'j');
    await idle(page);
  }
  await values.last().click();
  await picture(look, '62-value-of-the-line');
  await keys(page, 'Escape', 'm');
  await idle(page);
  await picture(look, '63-mute');
  await keys(page, 'Escape', 'Shift+A');
  await idle(page);
  await picture(look, '64-assign');
  await keys(page, 'Enter');
  await idle(page);
  await keys(page, 'v');
  await page.keyboard.type('Night shift');
  await picture(look, '65-save-a-view');
  await keys(page, 'Enter');
  await idle(page);
  await keys(page, 'v');
  await picture(look, '66-views');
  await keys(page, 'Escape', 'e');
  await picture(look, '67-to-a-case');
  await keys(page, 'Escape');
  await page.getByRole('button', { name: 'Columns and density' }).click();
  await picture(look, '68-columns');
  await keys(page, 'Escape', '/');
  await page.keyboard.type('severity>=high user:');
  await idle(page);
  await picture(look, '69-completion');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('severity:hihg');
  await keys(page, 'Enter');
  await idle(page);
  await picture(look, '70-filter-problem');
  await page.keyboard.press('Control+a');
  await keys(page, 'Backspace', 'Enter', 'Escape', 'Shift+G');
  await idle(page);
  await keys(page, 'l');
  await idle(page);
  await picture(look, '71-groups');
  await page.getByLabel('Group', { exact: true }).selectOption('');
  await keys(page, 'd');
  await idle(page);
  await picture(look, '72-one-line-each');
  await keys(page, 'd', 'Shift+W');
  await idle(page);
  await picture(look, '72-whole-kind');
  await keys(page, 'Escape', 'x', 'Control+a');
  await idle(page);
  await picture(look, '72-all-ticked');
  await keys(page, 'Escape', 'p');
  await picture(look, '73-without-the-alert');
  await keys(page, 'p', 'g', 'o');
  await idle(page);
  for (const name of ['Alerts a day', 'Drift']) await page.getByRole('button', { name: `${name} as a table` }).click();
  await picture(look, '74-overview-tables');
  await page.getByRole('button', { name: 'Drift as a table' }).click();
  await page.locator('.overview > .scroll').evaluate((element) => element.scrollTo(0, 1e6));
  await picture(look, '75-overview-end');
  await keys(page, 'g', 'q');
}
