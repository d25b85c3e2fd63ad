/** @file Pictures of bad days, as they are laid out here: the engine, the disk and the database down, the host gone; and of a model that waits for a decision. */
import type { RouteOutput } from '../../src/shared/routes.ts';
import type { GateCheck, GateFigure, ReplayedAlert, Retraining } from '../../src/shared/retraining.ts';
import { blockingOf, overrideSentenceOf } from '../../src/shared/retraining.ts';
import { idle, keys, laidOut, picture, type LaidOut, type Look } from './page.ts';

const hour = 3_600_000;

/** The answer of a route just now, to change a part of it. */
async function answerOf<R extends 'status.get' | 'models.list'>({ page }: Look, route: R): Promise<RouteOutput<R>> {
  const body = JSON.stringify({ route, input: {} });
  return page.evaluate<RouteOutput<R>>(
    `fetch('/rpc', { method: 'POST', headers: { 'content-type': 'application/json', 'x-surprisal': '1' }, body: ${JSON.stringify(body)} })
      .then((answer) => answer.json()).then((answer) => answer.data)`,
  );
}

async function shown(look: Look, answers: LaidOut, name: string, view = 'q'): Promise<void> {
  const end = await laidOut(look.page, answers);
  await look.page.reload();
  await idle(look.page);
  await keys(look.page, 'g', view);
  await idle(look.page);
  await picture(look, name);
  await end();
}

export async function badDays(look: Look): Promise<void> {
  const status = await answerOf(look, 'status.get');
  const message = 'The engine ended and did not start again. Restart the app; nothing was lost.';
  const engine = { ...status.engine, state: 'failed' as const, message };
  await shown(look, { 'status.get': { ...status, engine } }, '32-engine-down');
  await shown(
    look,
    {
      'status.get': {
        ...status,
        savedText: 'Not saved',
        unreadableLines: 18,
        backup: { newest: null, problem: 'No backup since 08:00: the disk is full. Free some space.' },
      },
    },
    '33-much-is-wrong',
  );
  const backup = {
    name: 'workspace-2026-11-28.db',
    madeAt: Date.now() - 20 * hour,
    sizeBytes: 48_200_000,
    contents: { logs: 2, events: 28_000, alerts: 1175, verdicts: 212, cases: 6, models: 2 },
    lacks: { verdicts: 14, logs: 0, cases: 1 },
  };
  const start = {
    state: 'blocked',
    code: 'STORE_CORRUPT',
    message: 'The database cannot be read: page 212 is damaged. The damaged file is kept.',
    directory: '/home/anna/surprisal/office-net',
    offer: backup,
  };
  await shown(look, { 'start.get': start as never }, '34-database-damaged');
  await shown(
    look,
    {
      'start.get': {
        ...start,
        code: 'WORKSPACE_IN_USE',
        message: 'Another Surprisal holds this workspace (process 4711). Close it and try again.',
        offer: null,
      } as never,
    },
    '35-workspace-in-use',
  );
}

/** A retrained model that waits: nothing speaks against it, or a confirmed threat would be lost. */
export async function proposals(look: Look): Promise<void> {
  const models = await answerOf(look, 'models.list');
  const [newest] = models;
  if (!newest) return;
  const figure = (value: number, of = 118): GateFigure => ({
    value,
    low: Math.max(0, value - 0.04),
    high: Math.min(value + 0.03, value <= 1 ? 1 : Infinity),
    of,
  });
  const checks = (lost: number): GateCheck[] => [
    { id: 'lost', unit: 'count', before: null, after: figure(lost), wants: 'none lost', isHeld: lost === 0 },
    {
      id: 'recall',
      unit: 'share',
      before: figure(0.97, 42),
      after: figure(0.98, 42),
      wants: 'not lower',
      isHeld: true,
    },
    { id: 'harmless', unit: 'share', before: figure(0.31), after: figure(0.12), wants: 'not higher', isHeld: true },
    {
      id: 'false_alarms',
      unit: 'share',
      before: figure(0.01),
      after: figure(0.009),
      wants: '0.7 to 1.3 %',
      isHeld: true,
    },
    {
      id: 'likelihood',
      unit: 'bits',
      before: figure(2.14),
      after: figure(2.16),
      wants: 'at most 2 % more',
      isHeld: true,
    },
    { id: 'ranks', unit: 'correlation', before: null, after: figure(0.94), wants: 'at least 0.90', isHeld: true },
  ];
  const alert = (number: number, title: string, before: number, after: number): ReplayedAlert => ({
    alertId: `laid-out-${number}`,
    number,
    title,
    before,
    after,
    verdict: number % 2 === 0 ? 'false_positive_logic' : null,
  });
  const proposal = (lost: number): Retraining => {
    const report = {
      learned: { threats: 61, harmless: 303 },
      heldOut: { threats: 42, harmless: 80 },
      leftOut: [{ reason: 'undetermined' as const, count: 9 }],
      isSplitByEntity: true,
      normalEvents: 4001,
      thresholdBefore: 2.3,
      thresholdAfter: 2.4,
      checks: checks(lost),
      replay: {
        alerts: 1175,
        distinctWindows: 930,
        elapsedMs: 41_000,
        shownBefore: 192,
        shownAfter: 134,
        appear: { count: 6, first: [alert(21, 'Known kind of line where others were expected', 1.9, 3.4)] },
        vanish: { count: 171, first: [alert(34, 'Line of a kind that training saw hardly ever', 3.8, 2.2)] },
        move: { count: 12, first: [alert(40, 'Session ended where sessions go on', 3.9, 4.8)] },
        lost: { count: lost, first: lost > 0 ? [alert(18, 'Line of a kind never seen in training', 5, 2.1)] : [] },
        raisedAgain: { count: 0, first: [] },
        falseAlarms: { before: 158, after: 61 },
      },
      epochs: Array.from({ length: 8 }, (_, index) => ({
        epoch: index,
        reward: 6 - 6 * Math.exp(-0.5 * index),
        accuracy: 0.97 - 0.2 * Math.exp(-0.5 * index),
        hitRate: null,
        drift: 0.02 - 0.02 * Math.exp(-0.3 * index),
      })),
      keptEpoch: 7,
      elapsedMs: 128_000,
      judged: { at: Date.now() - hour / 2, verdictNumber: 40 },
    };
    const modelNumber = newest.number + 1;
    return {
      modelId: 'laid-out',
      modelNumber,
      parentId: newest.id,
      parentNumber: newest.number,
      state: 'proposed',
      proposedAt: Date.now() - hour / 2,
      decidedAt: null,
      analyst: null,
      override: null,
      report,
      blocking: blockingOf(report),
      overrideSentence: overrideSentenceOf(modelNumber, report),
      verdictsSince: 3,
    };
  };
  for (const lost of [0, 1]) {
    const waiting = proposal(lost);
    const model = {
      ...newest,
      id: waiting.modelId,
      number: waiting.modelNumber,
      parentId: newest.id,
      state: 'kept' as const,
    };
    const answers: LaidOut = {
      'models.list': [model, ...models],
      'retrain.list': [waiting],
      'retrain.get': waiting as never,
    };
    await shown(look, answers, lost === 0 ? '91-proposal' : '92-proposal-blocked', 'm');
    if (lost === 1) {
      const end = await laidOut(look.page, answers);
      await look.page.reload();
      await idle(look.page);
      await keys(look.page, 'g', 'm', 'a');
      await idle(look.page);
      await picture(look, '93-adopt-against');
      await keys(look.page, 'Escape');
      await end();
    }
  }
}

/** Without its host, last of all: `stop` ends it. */
export async function hostGone(look: Look, stop: () => Promise<void>): Promise<void> {
  const { page } = look;
  await page.reload();
  await idle(page);
  await keys(page, 'g', 'q');
  await stop();
  await page.waitForTimeout(3000);
  await picture(look, '36-host-gone');
  await keys(page, '1');
  await idle(page);
  await picture(look, '37-verdict-without-host');
  await keys(page, 'g', 'o');
  await idle(page);
  await picture(look, '38-overview-without-host');
}
