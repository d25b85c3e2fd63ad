import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/shared/jobs.ts';
import { AppError } from '../../src/shared/errors.ts';
import type { TrainProgress } from '../../src/shared/trainerProtocol.ts';
import { Jobs } from '../../src/main/app/jobs.ts';

function makeJobs(): { jobs: Jobs; seen: Job[] } {
  const seen: Job[] = [];
  let id = 0;
  return { jobs: new Jobs({ now: () => 0, newId: () => `j${++id}`, changed: (job) => seen.push(job) }), seen };
}

describe('jobs', () => {
  it('run one after another in the order they were asked for', async () => {
    const { jobs } = makeJobs();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = jobs.start({ kind: 'import', subject: 'a' }, async () => {
      await gate.promise;
      order.push('a');
      return '';
    });
    const second = jobs.start({ kind: 'learn', subject: 'b' }, async () => {
      order.push('b');
      return '';
    });
    gate.resolve();
    await Promise.all([first.finished, second.finished]);
    expect(order).toEqual(['a', 'b']);
  });

  it('are cancelled at once, and what the work still says is not believed', async () => {
    const { jobs } = makeJobs();
    const gate = Promise.withResolvers<void>();
    const started = jobs.start({ kind: 'learn', subject: 'a' }, async ({ update }) => {
      await gate.promise;
      update({ step: 'still here' });
      return 'done after all';
    });
    await Promise.resolve();
    expect(jobs.cancel(started.jobId).state).toBe('cancelled');
    gate.resolve();
    expect(await started.finished).toMatchObject({ state: 'cancelled', step: 'cancelled', outcome: null });
  });

  it('that fail keep the reason and do not stop the next', async () => {
    const { jobs } = makeJobs();
    const failed = jobs.start({ kind: 'import', subject: 'a' }, () =>
      Promise.reject(new AppError('BAD_INPUT', 'a is a picture.')),
    );
    const next = jobs.start({ kind: 'import', subject: 'b' }, async () => 'read');
    expect(await failed.finished).toMatchObject({ state: 'failed', error: 'a is a picture.' });
    expect(await next.finished).toMatchObject({ state: 'done', outcome: 'read' });
  });

  it('cancelled while waiting never run', async () => {
    const { jobs } = makeJobs();
    const gate = Promise.withResolvers<void>();
    let ran = false;
    const first = jobs.start({ kind: 'import', subject: 'a' }, async () => {
      await gate.promise;
      return '';
    });
    const waiting = jobs.start({ kind: 'import', subject: 'b' }, async () => {
      ran = true;
      return '';
    });
    jobs.cancel(waiting.jobId);
    gate.resolve();
    await Promise.all([first.finished, waiting.finished]);
    expect(ran).toBe(false);
  });

  // Bug: once fifty others had ended it was forgotten before its turn, and nothing behind it ever began.
  it('cancelled while waiting do not hold up what is behind them, however many others end meanwhile', async () => {
    const { jobs } = makeJobs();
    const gate = Promise.withResolvers<void>();
    const long = jobs.start({ kind: 'train', subject: 'hours' }, async () => {
      await gate.promise;
      return '';
    });
    const waiting = jobs.start({ kind: 'train', subject: 'not wanted' }, async () => '');
    const behind = jobs.start({ kind: 'train', subject: 'wanted' }, async () => 'trained');
    jobs.cancel(waiting.jobId);
    for (let i = 0; i < 60; i++) await jobs.start({ kind: 'score', subject: 'a' }, async () => '').finished;
    gate.resolve();
    await long.finished;
    expect(await waiting.finished).toMatchObject({ state: 'cancelled' });
    expect(await behind.finished).toMatchObject({ state: 'done', outcome: 'trained' });
  });

  it('of training run beside other work', async () => {
    const { jobs } = makeJobs();
    const order: string[] = [];
    const training = Promise.withResolvers<void>();
    const trained = jobs.start({ kind: 'train', subject: 'a' }, async () => {
      order.push('training');
      await training.promise;
      return '';
    });
    const imported = jobs.start({ kind: 'import', subject: 'b' }, async () => {
      order.push('import');
      return '';
    });
    await imported.finished;
    expect([jobs.isWorking, jobs.isComputing]).toEqual([false, true]);
    training.resolve();
    await trained.finished;
    expect(order).toEqual(['training', 'import']);
  });

  it('stand still and go on as they are told, and cannot where nothing of them can', async () => {
    const { jobs } = makeJobs();
    const told: string[] = [];
    const gate = Promise.withResolvers<void>();
    const { jobId, finished } = jobs.start({ kind: 'train', subject: 'a' }, async ({ setPausing }) => {
      await expect(jobs.pause(jobId)).rejects.toThrow('not training just now');
      setPausing({ pause: async () => told.push('pause'), resume: async () => told.push('resume') });
      await gate.promise;
      return '';
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(await jobs.pause(jobId)).toMatchObject({ isPaused: true, canPause: true });
    expect(jobs.isComputing).toBe(false);
    await jobs.pause(jobId);
    expect(await jobs.resume(jobId)).toMatchObject({ isPaused: false });
    gate.resolve();
    expect(await finished).toMatchObject({ state: 'done', isPaused: false, canPause: false });
    expect(told).toEqual(['pause', 'resume']);
    await expect(jobs.resume(jobId)).rejects.toThrow('ended');
  });

  it('tell the points of their training so far, and none where nothing was trained', async () => {
    const { jobs } = makeJobs();
    const points: TrainProgress[] = [];
    const gate = Promise.withResolvers<void>();
    const { jobId, finished } = jobs.start({ kind: 'train', subject: 'a', modelId: 'm' }, async ({ setCurve }) => {
      setCurve(points);
      await gate.promise;
      return '';
    });
    await new Promise((resolve) => setImmediate(resolve));
    points.push({ epoch: 1 } as TrainProgress);
    expect(jobs.curveOf(jobId)).toEqual([{ epoch: 1 }]);
    expect(jobs.curveOf('nope')).toEqual([]);
    gate.resolve();
    expect(await finished).toMatchObject({ modelId: 'm' });
  });

  it('that stood still when the app was closed begin when they are resumed, or are cancelled', async () => {
    const { jobs } = makeJobs();
    let ran = 0;
    const work = async (): Promise<string> => `${++ran}`;
    const first = jobs.start({ kind: 'train', subject: 'a', goesOn: true, isPaused: true }, work);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).toBe(0);
    await jobs.resume(first.jobId);
    expect(await first.finished).toMatchObject({ state: 'done', isPaused: false });
    const second = jobs.start({ kind: 'train', subject: 'b', goesOn: true, isPaused: true }, work);
    await new Promise((resolve) => setImmediate(resolve));
    jobs.cancel(second.jobId);
    expect(await second.finished).toMatchObject({ state: 'cancelled', isPaused: false });
    expect(ran).toBe(1);
  });
});
