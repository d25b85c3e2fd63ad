/** @file Threads of the Node host. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { randomModel, tinyShape } from '../trainer/models.ts';

test('a thread that native code holds does not keep a closed app from ending', async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('stuck.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(said).toBe('closed\n');
  // By force: in good order it would have waited for the thread, and ended with 0.
  expect(code).not.toBe(0);
}, 20_000);

test('an engine that is closed while its session works does not take the app with it (an abort in native code)', async () => {
  const script = fileURLToPath(new URL('endWhileScoring.ts', import.meta.url));
  const child = spawn(process.execPath, [script, await randomModel(tinyShape, 1)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect({ said, code, signal }).toEqual({ said: 'closed\n', code: 0, signal: null });
}, 120_000);
