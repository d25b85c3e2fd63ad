/** @file A text model in an app's workspace: listed as what it is, not put in use before it has read lines, gone without a trace when cancelled. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TextModelCard } from '../../src/main/app/textModelCard.ts';
import { importTextModel, openTextModel } from '../../src/main/app/textModels.ts';
import { continueLine } from '../../src/main/app/textScores.ts';
import { openApp } from '../helpers/app.ts';
import { testFolder } from '../helpers/folders.ts';
import { checkpointWith, config, described, safetensorsOf, tinyFolder, tinyTensors } from '../trainer/checkpoints.ts';

const filesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

test('it is listed as a text model and cannot be used before it has read lines', async () => {
  const test = await openApp(testFolder());
  const { services } = test.app.parts;
  const job = { signal: new AbortController().signal, update: (): void => undefined };
  const { id } = await importTextModel(services, { from: tinyFolder, name: 'tiny', seed: 1 }, job);
  expect(await test.ask('models.list', {})).toMatchObject([
    {
      id,
      kind: 'text',
      state: 'kept',
      name: 'tiny',
      learnedFrom: 'GPT-2 checkpoint, imported from gpt2-tiny',
      lineCount: 0,
      isReader: false,
    },
  ]);
  expect(await test.refusal('models.use', { modelId: id })).toEqual({
    code: 'CONFLICT',
    message: 'Model m1 has not read masked lines yet. Fine-tune it on a log first, and use what comes of that.',
  });
  expect((await test.ask('models.list', {}))[0]?.state).toBe('kept');
  await test.close();
});

test('rows that stand for no token are drawn and written as nothing (a vocabulary rounded up, as many are)', async () => {
  const rows = 900;
  const padded = tinyTensors.map((tensor) =>
    tensor.name === 'transformer.wte.weight'
      ? { ...tensor, dims: [rows, 16], data: Float32Array.from({ length: rows * 16 }, (_, i) => tensor.data[i] ?? 0) }
      : tensor,
  );
  const from = checkpointWith(join(testFolder(), 'c'), {
    'config.json': JSON.stringify({ ...config, vocab_size: rows }),
    'model.safetensors': safetensorsOf(described(padded)),
  });
  const test = await openApp(testFolder());
  const { services } = test.app.parts;
  const job = { signal: new AbortController().signal, update: (): void => undefined };
  await importTextModel(services, { from, name: 'padded', seed: 1 }, job);
  const model = await openTextModel(services, 'padded', job.signal);
  expect(model.card.shape?.predictedTokens).toBe(rows);
  expect(model.tokenizer.namedId('<begin>')).toBeGreaterThanOrEqual(rows);
  const asked = { text: 'Nov 22', mostTokens: 50, temperature: 10, seed: 1 };
  const { ids, text } = await continueLine(services, model, asked);
  expect(ids.some((id) => id > 287)).toBe(true);
  expect(text).toBe(model.tokenizer.decode(ids.filter((id) => id <= 287)));
  await test.close();
});

test("a tokenizer with more tokens than the weights is another model's, and refused", async () => {
  const test = await openApp(testFolder());
  const { services } = test.app.parts;
  const job = { signal: new AbortController().signal, update: (): void => undefined };
  const record = await importTextModel(services, { from: tinyFolder, name: 'tiny', seed: 1 }, job);
  const card = record.card as TextModelCard;
  const other = { ...record, files: [], card: { ...card, shape: { ...card.shape, vocabularySize: 100 } } };
  const mixed = { ...services, store: { call: () => Promise.resolve([other] as never) } };
  await expect(openTextModel(mixed, 'tiny', job.signal)).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    message: expect.stringContaining('they are of two models') as unknown,
  });
  await test.close();
});

test('an import that was cancelled leaves no model and no files', async () => {
  const workspace = testFolder();
  const test = await openApp(workspace);
  const cancel = new AbortController();
  const importing = importTextModel(
    test.app.parts.services,
    { from: tinyFolder, name: 'tiny', seed: 1 },
    { signal: cancel.signal, update: ({ step }) => step === 'copying weights' && cancel.abort() },
  );
  await expect(importing).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await test.ask('models.list', {})).toEqual([]);
  expect([...filesIn(join(workspace, 'models')), ...filesIn(join(workspace, 'incoming'))]).toEqual([]);
  await test.close();
});
