/** @file The switch of explanations while an Ollama gives no answer. Catches a status that calls them on after they were switched off. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Explanations, type ExplanationsDependencies } from '../../src/main/app/explanations.ts';
import { ollamaLimits } from '../../src/main/explanation/ollama.ts';
import type { ExplanationSettings } from '../../src/shared/explanations.ts';

test('what was found out under the settings before is not told under those of now', async () => {
  const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  let kept: ExplanationSettings | null = null;
  const store = {
    call: async (method: string, input: { settings: ExplanationSettings }) =>
      method === 'get_setting' ? kept : void (kept = input.settings),
  };
  const explanations = new Explanations({
    services: { store, actor: async () => ({ analyst: 'x', at: 0 }) },
    tellStatus: () => undefined,
    limits: { ...ollamaLimits, listMs: 100 },
  } as unknown as ExplanationsDependencies);
  await explanations.set({ isOn: true, address, model: 'mistral' });
  await sleep(20); // it is being looked whether there is one
  await explanations.set({ isOn: false, address, model: 'mistral' });
  await sleep(300);
  expect([explanations.problem, explanations.networkText]).toEqual([null, null]);
  await explanations.set({ isOn: true, address, model: 'mistral' });
  await sleep(300);
  expect(explanations.problem).toMatch(/gave no answer/);
  await explanations.close();
  silent.close();
});
