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

/** Verdicts so far apart, one after the other: how much of the time is left to steps of 20 ms, and how many of the verdicts are struck under one. */
async function share(everyMs: number): Promise<{ worked: number; met: number }> {
  let nowMs = 0;
  let verdicts = 0;
  const way: GivingWay = new GivingWay({
    now: () => nowMs,
    sleep: (ms) => {
      pass(ms);
      return Promise.resolve();
    },
  });
  function pass(ms: number): number {
    const before = verdicts;
    for (const endMs = nowMs + ms; nowMs < endMs;) {
      nowMs = Math.min(endMs, (verdicts + 1) * everyMs);
      if (nowMs < (verdicts + 1) * everyMs) break;
      verdicts++;
      way.ask(250);
    }
    return verdicts - before;
  }
  let workedMs = 0;
  let met = 0;
  while (nowMs < 600_000) {
    await way.pass(never);
    met += pass(20);
    workedMs += 20;
  }
  return { worked: workedMs / nowMs, met: met / verdicts };
}

test('verdicts without a rest leave a fifth of the time, whatever their rhythm', async () => {
  for (const everyMs of [7, 20, 49, 51, 94, 101, 240])
    expect((await share(everyMs)).worked, `${everyMs}`).toBeCloseTo(0.2, 1);
});

test('a step that cannot wait any longer begins behind the painting of an alert, so that the next verdict is not struck under it', async () => {
  for (const everyMs of [90, 94, 101, 110, 240]) expect((await share(everyMs)).met, `${everyMs}`).toBeLessThan(0.05);
});

test('a run that is cancelled does not wait', async () => {
  const { way, now } = made();
  way.ask(250);
  await way.pass(AbortSignal.abort());
  expect(now()).toBe(0);
});
