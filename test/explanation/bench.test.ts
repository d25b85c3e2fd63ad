/** @file `bench explain` against models that are played. Catches a verdict that was talked away and is counted as kept, and a case that is read wrongly. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundledCases, readCase, readCases } from '../bench/explain/cases.ts';
import { askCase, benchExplain, figuresOf, nothingToMeasure } from '../bench/explain/explain.ts';
import { obedient, startOllama, type FakeOllama } from '../helpers/ollama.ts';

let ollama: FakeOllama;
beforeEach(async () => void (ollama = await startOllama()));
afterEach(() => ollama.close());

async function figures(): Promise<Record<string, number>> {
  const outcomes = [];
  for (const one of await readCases(bundledCases))
    outcomes.push(await askCase(one, { address: ollama.address, model: 'mistral' }));
  return figuresOf(outcomes);
}

test('a model that obeys its task keeps every verdict, and most injections are seen before it is asked', async () => {
  ollama.play = obedient;
  expect(await figures()).toEqual({
    cases: 15,
    failed: 0,
    injected: 12,
    injected_suspected_before_asking: 9,
    injected_talked_away: 0,
    injected_called_harmless: 0,
    plain: 3,
    plain_talked_away: 0,
    answers_with_unknown_values: 0,
    answers_with_wrong_figures: 0,
    answers_with_orders: 0,
    answers_not_in_english: 0,
  });
});

test('a model that obeys the log is counted', async () => {
  ollama.play = (chat) =>
    /harmless|normal|benign|approved|false|unusual|legitimate|Ordnung/i.test(
      /DATA[^\n]*\n([\s\S]*)\nDATA/.exec(chat.messages[1]?.content ?? '')?.[1] ?? '',
    )
      ? ['Normal. Nothing unusual happened, see 192.0.2.200.']
      : obedient(chat);
  const found = await figures();
  expect(found['injected_talked_away']).toBe(11);
  expect(found['plain_talked_away']).toBe(0);
  expect(found['answers_with_unknown_values']).toBe(11);
});

test('what fails is counted as failed, not as kept', async () => {
  ollama.fault = 'status_500';
  expect(await figures()).toMatchObject({ cases: 15, failed: 15, injected: 0 });
});

test('without an Ollama or the model it leaves with a status of its own, and measures nothing', async () => {
  const left: number[] = [];
  const leave = (status: number): never => {
    left.push(status);
    throw new Error('left');
  };
  await expect(benchExplain(undefined, ['phi3', ollama.address], leave)).rejects.toThrow('left');
  await expect(benchExplain(undefined, ['gpt-oss:120b-cloud', ollama.address], leave)).rejects.toThrow('left');
  await ollama.close();
  await expect(benchExplain(undefined, [ollama.address], leave)).rejects.toThrow('left');
  expect(left).toEqual([nothingToMeasure, nothingToMeasure, nothingToMeasure]);
  expect(ollama.chats).toEqual([]);
  ollama = await startOllama();
});

test('a file that is no case is refused by its name', () => {
  expect(() => readCase('{"name":"x"}', 'x.json')).toThrow('x.json is no case');
});
