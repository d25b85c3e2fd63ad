import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/shared/domain.ts';
import { AppError } from '../../src/shared/errors.ts';
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
});
