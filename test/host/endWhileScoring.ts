/** @file An engine's thread that is closed while its session works, again and again. Its argument: a folder with a model. */
import process from 'node:process';
import { EngineClient } from '../../src/main/app/engineClient.ts';
import { createNodeHost } from '../../src/main/host/nodeHost.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { tinyShape } from '../trainer/models.ts';

const host = createNodeHost('test');
const directory = process.argv[2] ?? '';
const sequences = packSequences(
  Array.from({ length: 20_000 }, (_, i) => [
    1,
    ...Array.from({ length: 6 }, (_digit, j) => 4 + ((i >> (3 * j)) & 7)),
    2,
  ]),
);
for (let round = 0; round < 60; round++) {
  const engine = new EngineClient({
    startThread: () => host.startThread('engine'),
    startProcess: () => {
      throw new Error('A thread was asked for.');
    },
    now: () => 0,
  });
  const load = engine.call('load', { modelId: 'm', directory, shape: tinyShape });
  load.catch(() => undefined);
  // Sessions are opened, or work.
  if (round % 2 === 0) await load;
  const scoring = load.then(() => engine.call('score', { modelId: 'm', sequences }));
  scoring.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, round % 2 === 0 ? round / 2 : 2 * round));
  await engine.close();
}
process.stdout.write('closed\n');
