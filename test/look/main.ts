/**
 * @file `npm run look -- --output DIR [--learn FILE --score FILE] [--budget 100/100k] [--only REGEX] [--parts REGEX]`: pictures of every view and state of the built app,
 * dark, light and in high contrast, 1280 and 1920 wide and at 200 % text, for a person to look at. Without files: the made-up office's log.
 */
import { chromium } from '@playwright/test';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { surprisal } from '../e2e/app.ts';
import { serve } from '../e2e/served.ts';
import { classifiers, connections } from './beyond.ts';
import { caseTabs, elsewhere } from './cases.ts';
import { explanations } from './explanations.ts';
import { madeUpModels, trainedModels } from './models.ts';
import { queueDialogs } from './queue.ts';
import { idle, keys, picture, troubled, type Look } from './page.ts';
import { badDays, hostGone, proposals } from './states.ts';

async function firstLaunch(look: Look): Promise<void> {
  const { page } = look;
  await page.getByText('See what your logs have never said before').waitFor();
  await picture(look, '01-first-run');
  for (const [name, view] of [
    ['cases', 'c'],
    ['logs', 'l'],
    ['models', 'm'],
    ['learning', 'r'],
    ['entities', 'e'],
    ['overview', 'o'],
  ] as const) {
    await keys(page, 'g', view);
    await picture(look, `02-empty-${name}`);
  }
  await keys(page, 'Control+o');
  await page.getByRole('button', { name: 'Import' }).waitFor();
  await idle(page);
  await picture(look, '03-open');
  // A log, and no model yet.
  await keys(page, 'Enter');
  await page.getByText(/lines of .* read\./).waitFor();
  await idle(page);
  await picture(look, '04-imported');
  for (const [name, view] of [
    ['queue', 'q'],
    ['models', 'm'],
    ['learning', 'r'],
    ['overview', 'o'],
  ] as const) {
    await keys(page, 'g', view);
    await idle(page);
    await picture(look, `05-no-model-${name}`);
  }
}

async function working(look: Look): Promise<void> {
  const { page } = look;
  await page.getByRole('region', { name: 'Tour, step 1 of 3' }).waitFor();
  await picture(look, '09-tour');
  await keys(page, 'Escape');
  await picture(look, '10-queue');
  await keys(page, 'j', 'Enter');
  await picture(look, '11-alert-wide');
  await keys(page, 'Escape', 'n');
  await picture(look, '12-note');
  await keys(page, 'Escape', 'x', 'Shift+J');
  await picture(look, '13-ticked');
  await keys(page, 'Escape', 'Shift+E');
  await picture(look, '14-new-case');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('What the night shift should look at');
  await keys(page, 'Enter');
  await idle(page);
  await keys(page, '1');
  await idle(page);
  await page.waitForTimeout(500);
  await keys(page, '3');
  await idle(page);
  await picture(look, '15-after-verdicts');
  await page.getByRole('tab', { name: /^Decided/ }).click();
  await idle(page);
  await picture(look, '16-decided');
  await page.getByRole('tab', { name: /^Folded/ }).click();
  await idle(page);
  await picture(look, '17-folded');
  await page.getByRole('tab', { name: /^Open/ }).click();
  await keys(page, '/');
  await page.keyboard.type('no line says this');
  await idle(page);
  await picture(look, '18-filtered-empty');
  await page.keyboard.press('Control+a');
  await keys(page, 'Backspace', 'Escape', 'Escape', 'Control+k');
  await picture(look, '19-palette');
  await keys(page, 'Escape', '?');
  await picture(look, '20-keys');
  await keys(page, 'Escape', 'g', 'l');
  await idle(page);
  await picture(look, '21-logs');
  await keys(page, 'g', 'c', 'Enter');
  await idle(page);
  await picture(look, '22-case');
  await keys(page, 'g', 'm');
  await idle(page);
  await picture(look, '23-models');
  await keys(page, 'g', 'r');
  await idle(page);
  await picture(look, '24-learning');
  await keys(page, 'Control+,');
  await picture(look, '25-settings');
  await keys(page, 'g', 'o');
  await idle(page);
  await picture(look, '26-overview');
  await keys(page, 'g', 'e');
  await idle(page);
  await picture(look, '27-entities');
  await page.locator('td .link').first().click();
  await idle(page);
  await picture(look, '28-entity');
  await keys(page, 'g', 'q', 'Shift+C', 'c');
  await idle(page);
  await picture(look, '29-all-logs-around');
  await keys(page, 'Shift+C');
}

const views = [
  ['queue', 'q', ['alerts.list']],
  ['alert', 'q', ['alerts.get']],
  ['logs', 'l', ['sources.list', 'logs.read']],
  ['cases', 'c', ['cases.list', 'cases.get']],
  ['models', 'm', ['models.list']],
  ['learning', 'r', ['thresholds.list']],
  ['entities', 'e', ['entities.list']],
  ['overview', 'o', ['overview.get']],
] as const;

async function trouble(look: Look): Promise<void> {
  const { page } = look;
  for (const how of ['late', 'fault'] as const) {
    for (const [name, view, routes] of views) {
      const end = await troubled(page, routes, how);
      await page.reload();
      await page.waitForTimeout(800);
      await keys(page, 'g', view);
      await page.waitForTimeout(800);
      await picture(look, `3${how === 'late' ? 0 : 1}-${how}-${name}`);
      await end();
    }
  }
}

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'look' },
    learn: { type: 'string' },
    score: { type: 'string' },
    budget: { type: 'string', default: '500/100k' },
    only: { type: 'string', default: '' },
    parts: { type: 'string', default: '' },
  },
});
const output = resolve(values.output);
await mkdir(output, { recursive: true });
const scratch = await mkdtemp(join(tmpdir(), 'surprisal-look-'));
const input = { learn: join(scratch, 'quiet.log'), score: join(scratch, 'watched.log') };
if (values.learn && values.score) Object.assign(input, { learn: resolve(values.learn), score: resolve(values.score) });
else {
  const labels = ['--labels', join(scratch, 'labels.jsonl')];
  await surprisal('lab', '--lines', '20000', '--seed', '3', '--anomaly-rate', '0', '--output', input.learn, ...labels);
  await surprisal(
    'lab',
    '--lines',
    '8000',
    '--seed',
    '4',
    '--anomaly-rate',
    '0.02',
    '--output',
    input.score,
    ...labels,
  );
}
const executablePath = process.env['SURPRISAL_CHROMIUM'] ?? '/usr/bin/chromium';
for (const path of Object.values(input)) await access(path);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

async function over(
  workspace: string,
  states: (look: Look, stop: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const served = await serve(workspace);
  const page = await browser.newPage();
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await served.stop();
    isStopped = true;
  };
  try {
    page.on('filechooser', (chooser) => void chooser.setFiles(input.score));
    await page.goto(served.link.href);
    await idle(page);
    await states({ page, output, only: new RegExp(values.only) }, stop);
  } finally {
    await page.close();
    await stop();
  }
}

try {
  if (new RegExp(values.parts).test('firstLaunch')) await over(join(scratch, 'empty'), firstLaunch);
  const workspace = join(scratch, 'workspace');
  await surprisal('learn', '--workspace', workspace, '--input', input.learn, '--budget', values.budget);
  await surprisal('score', '--workspace', workspace, '--input', input.score, '--output', join(scratch, 'scores.jsonl'));
  await over(workspace, async (look, stop) => {
    const parts: Record<string, () => Promise<void>> = {
      working: () => working(look),
      queue: () => queueDialogs(look),
      cases: () => caseTabs(look),
      explanations: () => explanations(look),
      elsewhere: () => elsewhere(look),
      connections: () => connections(look),
      classifiers: () => classifiers(look),
      models: async () => {
        await trainedModels(look);
        await madeUpModels(look);
      },
      proposals: () => proposals(look),
      trouble: () => trouble(look),
      badDays: () => badDays(look),
      hostGone: () => hostGone(look, stop),
    };
    const wanted = new RegExp(values.parts);
    for (const [name, part] of Object.entries(parts)) if (wanted.test(name)) await part();
  });
} finally {
  await browser.close();
  await rm(scratch, { recursive: true, force: true });
}
