/** @file Training speed and memory of the named models, each in a process of its own so that its peak is its own. CPU only. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figures } from './main.ts';
import { trainBenchModels, type TrainBenchName } from './trainModels.ts';

/** GPT-2 small takes gigabytes: only when named, as in `bench -- train gpt2_lora gpt2_full`. */
const usual: TrainBenchName[] = ['key_s', 'key_m', 'key_m_wide', 'text'];

export async function benchTrain(named: readonly string[]): Promise<Figures> {
  const names = named.length > 0 ? named : usual;
  const figures: Figures = {};
  for (const name of names) {
    if (!Object.hasOwn(trainBenchModels, name)) throw new Error(`There is no model ${name} to train.`);
    const { tokensPerSecond, peakMb } = await measure(name);
    figures[`${name}_tokens_per_s`] = tokensPerSecond;
    figures[`${name}_peak_mb`] = peakMb;
  }
  return figures;
}

function measure(name: string): Promise<{ tokensPerSecond: number; peakMb: number }> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('trainOne.ts', import.meta.url)), [name]);
    child.once('message', resolve as (value: unknown) => void);
    child.once('exit', (code) => reject(new Error(`Training ${name} ended with ${code}.`)));
  });
}
