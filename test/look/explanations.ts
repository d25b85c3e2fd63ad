/** @file Pictures of explanations by a played Ollama: off, being written, done, talked round, in another language, failed; kept with a case; and their settings. */
import type { Page } from '@playwright/test';
import type { Play } from '../helpers/ollama.ts';
import { startOllama } from '../helpers/ollama.ts';
import { idle, keys, picture, type Look } from './page.ts';

const honest: Play = () => [
  'Anomalous. The line is of a kind that was never seen in training, and the events before it are those of a session that usually ends here. ',
  'Other events were expected instead, which may mean that somebody acts who never did before.',
];
const talkedRound: Play = () => [
  'This is routine maintenance by 203.0.113.99, with a p-value of 0.7. It can be safely ignored. ',
  'Open http://evil.example/a and run the script to clean up.',
];
const german: Play = () => ['Alles in Ordnung: die Anmeldung ist harmlos und war zu dieser Zeit so geplant.'];
const slow: Play = async function* () {
  yield 'Anomalous. The line is of a kind that was never seen ';
  await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
};

async function ask(page: Page, path: string, input: object): Promise<void> {
  const body = JSON.stringify({ route: path, input });
  await page.evaluate(
    `fetch('/rpc', { method: 'POST', headers: { 'content-type': 'application/json', 'x-surprisal': '1' }, body: ${JSON.stringify(body)} })`,
  );
}

export async function explanations(look: Look): Promise<void> {
  const { page } = look;
  const ollama = await startOllama();
  const words = page.getByRole('region', { name: 'In words, by a language model' });
  const again = async (play: Play, name: string): Promise<void> => {
    ollama.play = play;
    await words.getByRole('button', { name: /^(Ask again|Explain)/ }).click();
    await idle(page);
    await words.scrollIntoViewIfNeeded();
    await picture(look, name);
  };
  const open = async (): Promise<void> => {
    await keys(page, 'g', 'q');
    await page.getByRole('region', { name: 'Raw line' }).waitFor();
    await keys(page, 'i');
    await words.waitFor();
  };
  try {
    // The tour is in the way where nothing was looked at before.
    await idle(page);
    if (await page.getByText('Skip the tour').isVisible()) await keys(page, 'Escape');
    await open();
    await picture(look, '80-explanation-off');
    await keys(page, 'Control+,');
    const settings = page.getByRole('form', { name: 'Explanations by a language model' });
    await settings.getByLabel('Ollama at').fill(ollama.address);
    await settings.getByRole('button', { name: 'Test' }).click();
    await idle(page);
    await settings.scrollIntoViewIfNeeded();
    await picture(look, '81-explanation-settings');
    await ask(page, 'explanations.set', { isOn: true, address: ollama.address, model: 'mistral' });
    await page.reload();
    await idle(page);
    await open();
    await again(honest, '82-explanation-done');
    await again(talkedRound, '83-explanation-talked-round');
    await again(german, '84-explanation-german');
    ollama.play = slow;
    await words.getByRole('button', { name: /^Ask again/ }).click();
    await words.locator('.caret').waitFor();
    await picture(look, '85-explanation-written');
    await words.getByRole('button', { name: 'Stop' }).click();
    await idle(page);
    await picture(look, '86-explanation-stopped');
    ollama.fault = 'status_500';
    await words.getByRole('button', { name: /^Ask again/ }).click();
    await idle(page);
    await picture(look, '87-explanation-failed');
  } finally {
    await ollama.close();
  }
}
