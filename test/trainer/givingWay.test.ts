/** @file Training that gives way to the analyst. Catches one that goes on under a verdict, and one that verdicts without a rest starve. */
import { expect, test } from 'vitest';
import { GivingWay } from '../../trainer/train/givingWay.ts';

const never = new AbortController().signal;

/** A clock that only work and sleep move. `onSleep` may act while time passes. */
function made(): { way: GivingWay; work: (ms: number) => void; now: () => number; asleep: { onSleep: () => void } } {
  let nowMs = 0;
  const asleep = { onSleep: (): void => undefined };
  const way = new GivingWay({
    now: () => nowMs,
    sleep: (ms) => {
      nowMs += ms;
      asleep.onSleep();
      return Promise.resolve();
    },
  });
  return { way, work: (ms) => void (nowMs += ms), now: () => nowMs, asleep };
}

test('a run that nobody asks does not stand still', async () => {
  const { way, work, now } = made();
  for (let step = 0; step < 10; step++) {
    work(20);
    await way.pass(never);
  }
  expect(now()).toBe(200);
});

test('a step after a verdict waits, and so longer when another verdict comes meanwhile', async () => {
  const { way, work, now, asleep } = made();
  work(20);
  way.ask(250);
  asleep.onSleep = () => {
    if (now() < 500) way.ask(100);
  };
  await way.pass(never);
  expect(now()).toBe(570); // 20 of work, 250, and 100 from each end before 500
});

test('verdicts without a rest leave a fifth of the time', async () => {
  const { way, work, now } = made();
  let workedMs = 0;
  while (now() < 600_000) {
    way.ask(1000);
    await way.pass(never);
    work(20);
    workedMs += 20;
  }
  expect(workedMs / now()).toBeCloseTo(0.2, 2);
});

test('a run that is cancelled does not wait', async () => {
  const { way, now } = made();
  way.ask(250);
  await way.pass(AbortSignal.abort());
  expect(now()).toBe(0);
});
