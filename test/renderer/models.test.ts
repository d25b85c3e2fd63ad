/** @file The registry and its jobs: two side by side, deleting, pausing, what training holds up and what it does not. */
import { describe, expect, it } from 'vitest';
import { createCommands, isUsable } from '../../src/renderer/commands/commands.ts';
import { compareFacts, factsOf, validationVerdict } from '../../src/renderer/lib/modelFacts.ts';
import { estimateText, trainedKind, trainingFacts, unitOf } from '../../src/renderer/lib/modelWords.ts';
import { AppState } from '../../src/renderer/state/app.svelte.ts';
import { ContinuationState } from '../../src/renderer/state/continuation.svelte.ts';
import { JobsState } from '../../src/renderer/state/jobs.svelte.ts';
import { ModelsState } from '../../src/renderer/state/models.svelte.ts';
import type { Continuation, Model } from '../../src/shared/models.ts';
import type { Retraining } from '../../src/shared/retraining.ts';
import type { Job } from '../../src/shared/jobs.ts';
import { AppError } from '../../src/shared/errors.ts';
import { FakeTransport } from './helpers/fakeTransport.ts';
import { estimate, job, model, progress, source, textModel } from './helpers/models.ts';

const clock = { zone: 'UTC', now: 0 };

function registry(list: Model[]): ModelsState {
  const models = new ModelsState(new FakeTransport({}));
  models.models.put(list);
  return models;
}

function appWith(list: Model[], jobs: Job[] = []): AppState {
  const app = new AppState(new FakeTransport({}));
  app.models.models.put(list);
  app.logs.sources.put([source(1), source(2, { scoredAt: 5 })]);
  for (const one of jobs) app.jobs.accept(one);
  return app;
}

describe('a model that is proposed', () => {
  // Bug: it was offered, in the words that the model it came from decides, while another one did.
  it('can be adopted in the place of the one that it was retrained from alone', () => {
    const proposed = { state: 'proposed', modelId: 'model-2', modelNumber: 2, parentId: 'model-1' } as Retraining;
    const canAdopt = (list: Model[]): boolean => {
      const app = appWith(list);
      app.retraining.all.put([proposed]);
      app.go('models');
      const adopt = createCommands(app).find(({ id }) => id === 'retrain.adopt');
      expect(adopt && isUsable(adopt, app)).toBe(app.retraining.canAdopt);
      return app.retraining.canAdopt;
    };
    expect(canAdopt([model(1, { state: 'in_use' }), model(2)])).toBe(true);
    expect(canAdopt([model(1), model(2), model(3, { state: 'in_use' })])).toBe(false);
  });

  it('is discarded in the words of the model that judges (it said that the one before does)', async () => {
    const proposed = { state: 'proposed', modelId: 'model-2', modelNumber: 2, parentId: 'model-1', parentNumber: 1 };
    const list = [model(1), model(2), model(3, { state: 'in_use' })];
    const app = new AppState(
      new FakeTransport({
        'retrain.discard': () => proposed as Retraining,
        'retrain.list': () => [],
        'models.list': () => list,
        'thresholds.list': () => [],
        'thresholds.runs': () => [],
      }),
    );
    app.models.models.put(list);
    app.retraining.all.put([proposed as Retraining]);
    await app.modelActions.discardProposed();
    expect(app.notices.passing).toMatchObject({ title: 'm2 is discarded.', text: 'm3 stays in use.' });
  });
});

describe('another model that is used', () => {
  // Bug: the queue stayed that of the model before, without a word.
  it.each([
    ['job', 'the logs are scored again'],
    [null, 'alerts stay as they are until one is scored'],
  ])('says whether the logs are scored again (%s)', async (jobId, words) => {
    const list = [model(1, { state: 'in_use' }), model(2)];
    const app = new AppState(
      new FakeTransport({ 'models.use': () => ({ models: list, jobId }), 'thresholds.list': () => [] }),
    );
    await app.modelActions.use('model-1');
    expect(app.notices.passing).toMatchObject({ title: 'm1 is in use.', text: expect.stringContaining(words) });
  });
});

describe('two models side by side', () => {
  it('are the parent and what was made from it by default, the parent first', () => {
    const models = registry([
      textModel(1, 'base'),
      model(2, { state: 'in_use' }),
      textModel(3, 'tuned', { parentId: 'model-1' }),
    ]);
    models.selectedId = 'model-3';
    models.compare();
    expect(models.pair?.map(({ number }) => number)).toEqual([1, 3]);
    models.tickedId = null;
    models.selectedId = 'model-1';
    models.compare();
    expect(models.pair?.map(({ number }) => number)).toEqual([1, 3]);
  });

  it('are one again where the ticked one is selected, failed or gone', () => {
    const models = registry([model(1), model(2), model(3, { state: 'failed' })]);
    models.selectedId = 'model-1';
    models.tick('model-2');
    expect(models.pair).not.toBeNull();
    models.selectedId = 'model-2';
    expect(models.pair).toBeNull();
    models.selectedId = 'model-3';
    expect(models.pair).toBeNull();
    models.selectedId = 'model-1';
    models.models.put([model(1)]);
    expect(models.pair).toBeNull();
  });

  it('mark what differs, and what only one of them has', () => {
    const [one, other] = [model(1), textModel(2, 'text', { sessionCount: 0, seed: 7 })];
    const list = [one, other];
    const facts = compareFacts(factsOf(one, list, clock), factsOf(other, list, clock));
    const of = (label: string) => facts.find((fact) => fact.label === label);
    expect(of('Seed')).toMatchObject({ before: '1', after: '7', differs: true });
    expect(of('Layers')).toMatchObject({ differs: false });
    expect(of('Sessions')).toMatchObject({ before: '40', after: '–', differs: true });
    expect(of('Validation loss')?.before).toBe('1.20 bits per event');
    expect(of('Validation loss')?.after).toBe('1.20 bits per token');
  });

  it('tell what was not learned from, and why, where something was not', () => {
    const leftOut = (change: Partial<Model>) => {
      const one = model(1, change);
      return factsOf(one, [one], clock).find(({ label }) => label === 'Left out')?.text;
    };
    expect(leftOut({})).toBeUndefined();
    expect(leftOut({ leftOut: { lines: 1214, undecided: 9, threats: 1 } })).toBe(
      '1,214 lines under 9 alerts that nobody had decided and 1 confirmed threat',
    );
    expect(leftOut({ leftOut: { lines: 1, undecided: 0, threats: 2 } })).toBe('1 line under 2 confirmed threats');
  });

  it('of different units are not compared by their bits, and other logs are said to be others', () => {
    expect(validationVerdict(model(1), textModel(2, 'text'))).toMatch(/different measures/);
    expect(validationVerdict(model(1), model(2, { validationBits: 1.08 }))).toBe(
      'm2 needs 0.12 bits per event less than m1 on validation.',
    );
    expect(validationVerdict(model(1), model(2, { learnedFrom: 'other.log' }))).toMatch(/equally well.*its own logs/);
    expect(validationVerdict(model(1, { validationBits: null }), model(2))).toMatch(/not measured/);
  });
});

describe('deleting', () => {
  it('is not offered for the model in use nor for one in training, by key either', () => {
    const app = appWith([
      model(1, { state: 'in_use' }),
      model(2, { state: 'training' }),
      model(3),
      model(4, { state: 'failed' }),
    ]);
    app.view = 'models';
    const command = createCommands(app).find(({ id }) => id === 'model.delete');
    const usable = ['model-1', 'model-2', 'model-3', 'model-4'].map((id) => {
      app.models.selectedId = id;
      return command !== undefined && isUsable(command, app);
    });
    expect(usable).toEqual([false, false, true, true]);
  });

  it('leaves the list as it is where the host refuses', async () => {
    const models = new ModelsState(
      new FakeTransport({
        'models.delete': () => {
          throw new AppError('CONFLICT', 'Model m1 is in use.');
        },
      }),
    );
    models.models.put([model(1)]);
    await expect(models.remove('model-1')).rejects.toThrow('in use');
    expect(models.list).toHaveLength(1);
  });
});

describe('pausing', () => {
  it('shows at once, and is taken back where the host refuses', async () => {
    const answer = Promise.withResolvers<Job>();
    const jobs = new JobsState(new FakeTransport({ 'jobs.pause': () => answer.promise }));
    jobs.accept(job('t'));
    const asked = jobs.pause('t');
    const shown = (): boolean => jobs.isPaused(jobs.get('t') ?? job('t'));
    expect([shown(), jobs.isChanging('t')]).toEqual([true, true]);
    // Told before the pause and delivered after it was asked for.
    jobs.accept(job('t', { training: progress(1, 3, null) }));
    expect(shown()).toBe(true);
    answer.reject(new AppError('CONFLICT', 'It is not training just now.'));
    await expect(asked).rejects.toThrow();
    expect([shown(), jobs.isChanging('t')]).toEqual([false, false]);
  });

  it('is asked for once, however often the key is pressed', async () => {
    const transport = new FakeTransport({ 'jobs.pause': () => job('t', { isPaused: true }) });
    const jobs = new JobsState(transport);
    jobs.accept(job('t'));
    await Promise.all([jobs.pause('t'), jobs.pause('t')]);
    expect(transport.calls).toHaveLength(1);
    expect(jobs.isPaused(jobs.get('t') ?? job('t'))).toBe(true);
  });

  it('and going on leave one curve', async () => {
    const jobs = new JobsState(
      new FakeTransport({
        'jobs.pause': () => job('t', { isPaused: true, training: progress(1, 5, null) }),
        'jobs.resume': () => job('t', { training: progress(1, 5, null) }),
      }),
    );
    for (const step of [1, 3, 5]) jobs.accept(job('t', { training: progress(1, step, null) }));
    await jobs.pause('t');
    await jobs.resume('t');
    jobs.accept(job('t', { training: progress(1, 7, null) }));
    expect(jobs.curveOf('t').map(({ step }) => step)).toEqual([1, 3, 5, 7]);
  });
});

describe('training beside other work', () => {
  it('holds up neither scoring nor learning; learning does', () => {
    const app = appWith([model(1, { state: 'in_use' })], [job('t', { sourceIds: [1] }), job('p', { isPaused: true })]);
    app.view = 'logs';
    app.logs.selectedId = 1;
    const commands = createCommands(app);
    const usable = (id: string): boolean => {
      const command = commands.find((one) => one.id === id);
      return command !== undefined && isUsable(command, app);
    };
    expect([app.jobs.isBusy, usable('log.score'), usable('log.learn'), usable('log.remove')]).toEqual([
      ...[false, true, true, false],
    ]);
    app.jobs.accept(job('l', { kind: 'learn' }));
    expect([app.jobs.isBusy, usable('log.score'), usable('log.learn')]).toEqual([true, false, false]);
  });

  it('is named in bits of what it predicts, and in bits alone where that is not known', () => {
    const [keys, text] = [model(1, { state: 'training' }), textModel(2, 'text', { state: 'training' })];
    const unit = (modelId: string | null): string => unitOf(trainedKind({ modelId }, [keys, text]));
    expect([unit(keys.id), unit(text.id), unit(null)]).toEqual(['bits per event', 'bits per token', 'bits']);
  });

  it('tells no loss before there is one, and no speed while it stands still', () => {
    const begun = progress(0, 0, null, { trainingBits: null as unknown as number });
    expect(trainingFacts(begun, 'text', false)).toEqual(['step 0 of 10', '1 tokens/s on the CPU', '0.0 s so far']);
    expect(trainingFacts(progress(2, 4, 1.5), 'keys', true)).toEqual([
      ...['1.50 bits per event in validation', 'step 4 of 10', 'on the CPU', '0.0 s so far'],
    ]);
  });

  it('is estimated in words', () => {
    expect(estimateText(estimate())).toBe(
      'About 4 min 00 s for at most 20 epochs, 412 MB of memory, 29 MB on disk; 7.1 M parameters, of which 300 k change (4 %); tried just now on the CPU.',
    );
  });
});

describe('a continued line', () => {
  it('is shown only for the models that are looked at', async () => {
    const answer = Promise.withResolvers<Continuation[]>();
    const continuation = new ContinuationState(new FakeTransport({ 'models.continue': () => answer.promise }));
    continuation.line = 'Accepted password for';
    const asked = continuation.ask(['model-1']);
    continuation.forget();
    answer.resolve([{ modelId: 'model-1', text: ' root', tokens: 1, elapsedMs: 5 }]);
    await asked;
    expect([continuation.written, continuation.isWriting]).toEqual([null, false]);
  });

  it('is not asked for with what the host would refuse', async () => {
    const transport = new FakeTransport({});
    const continuation = new ContinuationState(transport);
    await continuation.ask(['model-1']);
    continuation.line = 'x';
    for (const tokens of [0, 51, 2.5, null as unknown as number]) {
      continuation.tokens = tokens;
      await continuation.ask(['model-1']);
    }
    continuation.tokens = 5;
    continuation.temperature = null as unknown as number; // an empty field
    await continuation.ask(['model-1']);
    expect(transport.calls).toEqual([]);
  });
});
