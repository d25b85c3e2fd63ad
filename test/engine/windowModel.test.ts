/** @file A classifier along sequences. Catches windows that are shifted, that reach into the sequence before, or whose answer is another's in the cache. */
import fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createClassifyHandlers } from '../../src/main/engine/classify.ts';
import { openSession } from '../../src/main/engine/session.ts';
import { windowTokens } from '../../src/shared/classify.ts';
import { packSequences } from '../../src/shared/sequences.ts';
import { buildClassifyModel } from '../../trainer/classify/graph.ts';
import type { NetworkShape } from '../../trainer/gpt2/spec.ts';
import { testFolder } from '../helpers/folders.ts';
import { randomParameters } from '../trainer/models.ts';

const length = 4;
const shape: NetworkShape = {
  ...{ layers: 1, heads: 4, width: 8, contextLength: length, vocabularySize: 9, isClassifier: true },
};
const context = { signal: new AbortController().signal, progress: () => undefined };
const logitsOf = (answer: unknown): Float32Array => (answer as { value: { logits: Float32Array } }).value.logits;

it('says of each event what it says of the window up to it alone', async () => {
  const directory = testFolder();
  await writeFile(join(directory, 'classify.onnx'), buildClassifyModel(shape, randomParameters(shape, 2)));
  const engine = createClassifyHandlers({ openSession, intraOpThreads: 1 });
  const token = fc.integer({ min: windowTokens.unseen, max: 8 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(token, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 5 }),
      async (lists) => {
        // The first of each is no event, as a session's begin.
        const sequences = packSequences(lists.map((ids) => [windowTokens.padding, ...ids]));
        const logits = logitsOf(await engine.classify_events({ directory, sequences, length }, context));
        const windows = lists.flatMap((ids) =>
          ids.map((_, at) => Array.from({ length }, (_, i) => ids[at - length + 1 + i] ?? windowTokens.padding)),
        );
        const ids = Int32Array.from(windows.flat());
        const alone = logitsOf(await engine.classify({ directory, ids, length }, context));
        const events = logits.filter((_, place) => sequences.ids[place] !== windowTokens.padding);
        expect(logits.length - events.length).toBe(lists.length);
        events.forEach((logit, i) => expect(logit).toBeCloseTo(alone[i] ?? NaN, 4));
      },
    ),
    { numRuns: 30 },
  );
  await expect(
    (async () => engine.classify_events({ directory, sequences: packSequences([[4]]), length: 3 }, context))(),
  ).rejects.toMatchObject({ code: 'MODEL_INVALID' });
});
