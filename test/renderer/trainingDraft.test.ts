/** @file A training that is put together. Catches an estimate shown for another choice, questions without end, and a start that cannot work. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settledMs, TrainingDraft } from '../../src/renderer/state/trainingDraft.svelte.ts';
import type { Model, TrainingEstimate } from '../../src/shared/models.ts';
import { AppError } from '../../src/shared/errors.ts';
import { FakeTransport } from './helpers/fakeTransport.ts';
import { estimate, model, source, textModel } from './helpers/models.ts';

const sources = [source(1, { scoredAt: 9 }), source(2), source(3, { state: 'importing' }), source(4)];

function setUp(models: Model[] = [], parentId?: string) {
  const answers: PromiseWithResolvers<TrainingEstimate>[] = [];
  const transport = new FakeTransport({
    'models.estimate': () => {
      const answer = Promise.withResolvers<TrainingEstimate>();
      answers.push(answer);
      return answer.promise;
    },
    'models.train': () => ({ jobId: 'j' }),
  });
  const draft = new TrainingDraft(transport, { sources, models }, parentId);
  const settled = async (): Promise<void> => {
    draft.settle();
    await vi.advanceTimersByTimeAsync(settledMs);
  };
  const answer = async (index: number, bytes: number): Promise<void> => {
    answers[index]?.resolve(estimate({ peakBytes: bytes }));
    await vi.advanceTimersByTimeAsync(0);
  };
  const shown = (): number | string =>
    draft.estimate.state === 'known' ? draft.estimate.estimate.peakBytes : draft.estimate.state;
  return { draft, transport, settled, answer, answers, shown };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the estimate', () => {
  it('that answers late for an old choice is not shown for the new one, which is asked for then', async () => {
    const { draft, transport, settled, answer, shown } = setUp();
    await settled();
    draft.choice = 'key_m_wide';
    await settled();
    expect([transport.calls.length, shown()]).toEqual([1, 'trying']);
    await answer(0, 111);
    expect([transport.calls.length, shown()]).toEqual([2, 'trying']);
    await answer(1, 222);
    expect(shown()).toBe(222);
  });

  it('is asked for once the choice has settled, and not again for a name', async () => {
    const { draft, transport, settled, answer, shown } = setUp();
    draft.choice = 'text';
    draft.settle();
    await vi.advanceTimersByTimeAsync(settledMs / 2);
    draft.flip(1);
    await settled();
    await answer(0, 111);
    draft.typedName = 'nightly';
    await settled();
    expect([transport.calls.length, shown()]).toEqual([1, 111]);
  });

  it('is not asked for while something is missing, nor after the dialog was closed', async () => {
    const { draft, transport, settled, shown } = setUp();
    draft.settle();
    draft.flip(2);
    draft.flip(4);
    await settled();
    expect([transport.calls.length, shown(), draft.missing]).toEqual([
      0,
      'none',
      expect.stringMatching(/at least one log/),
    ]);
    draft.flip(4);
    draft.settle();
    draft.end();
    await vi.advanceTimersByTimeAsync(settledMs);
    expect(transport.calls).toEqual([]);
  });

  it('says why it failed, can be tried again, and keeps nobody from starting', async () => {
    const { draft, settled, answers, answer, shown } = setUp();
    await settled();
    answers[0]?.reject(new AppError('CONFLICT', 'Training is under way.'));
    await vi.advanceTimersByTimeAsync(0);
    expect(draft.estimate).toEqual({ state: 'failed', message: 'Training is under way.' });
    expect(await draft.start()).toBe(true);
    draft.tryAgain();
    await vi.advanceTimersByTimeAsync(settledMs);
    await answer(1, 5);
    expect(shown()).toBe(5);
  });
});

describe('what is chosen at first', () => {
  it('are the logs that were not scored, else the newest; none that is still read', () => {
    expect([...setUp().draft.sourceIds]).toEqual([4, 2]);
    const scored = new TrainingDraft(new FakeTransport({}), {
      sources: [source(1, { scoredAt: 1 }), source(2, { scoredAt: 1 })],
      models: [],
    });
    expect([...scored.sourceIds]).toEqual([2]);
  });

  it('goes on from the model it was opened for, under a name that is free', () => {
    const models = [textModel(1, 'base'), textModel(2, 'base tuned'), textModel(3, 'graph', { shape: null }), model(4)];
    const { draft } = setUp(models, 'model-1');
    expect([draft.choice, draft.parentId, draft.name]).toEqual(['fine_tune', 'model-1', 'base tuned 2']);
    expect(draft.parents.map(({ id }) => id)).toEqual(['model-2', 'model-1']);
    draft.typedName = 'base';
    expect(draft.nameProblem).toMatch(/has this name/);
  });

  it('reads what the model reads that it goes on from, and lines from nothing', () => {
    const models = [textModel(1, 'base'), textModel(2, 'tens', { reads: 'windows' })];
    expect([setUp(models, 'model-2').draft.reads, setUp(models).draft.reads]).toEqual(['windows', 'lines']);
    const { draft } = setUp(models);
    draft.choice = 'text';
    draft.reads = 'windows';
    expect(draft.name).toMatch(/^windows of /);
  });
});

describe('starting', () => {
  it('sends what was chosen, and what was left empty not at all', async () => {
    const { draft, transport } = setUp();
    draft.choice = 'key_m';
    draft.seed = 7;
    await draft.start();
    expect(transport.calls).toEqual([
      { route: 'models.train', input: { sourceIds: [4, 2], plan: { kind: 'keys', size: 'key_m' }, seed: 7 } },
    ]);
  });

  it('does not begin with half a number', async () => {
    const { draft, transport } = setUp();
    draft.maxEpochs = 2.5;
    expect(await draft.start()).toBe(false);
    expect(transport.calls).toEqual([]);
  });
});
