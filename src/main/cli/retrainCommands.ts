/** @file The commands of learning from verdicts in a batch: retrain, adopt, discard, rollback, with the gate that the app has. */
import { AppError } from '../../shared/errors.ts';
import type { Retraining } from '../../shared/retraining.ts';
import type { App } from '../app/createApp.ts';
import type { PlanScoring } from '../app/retraining/proposals.ts';
import { counted } from '../app/words.ts';
import type { Arguments } from './arguments.ts';
import type { Output } from './commands.ts';
import { finishJob } from './runJob.ts';

/** Numbers of a list instead of its alerts: `alerts` shows those. */
function shown({ report, modelId, modelNumber, parentNumber, ...rest }: Retraining): Record<string, unknown> {
  const { replay, checks, epochs, keptEpoch, learned, heldOut, leftOut, elapsedMs, judged } = report;
  const { appear, vanish, move, lost, raisedAgain, ...figures } = replay;
  return {
    model: modelId,
    number: modelNumber,
    retrainedFrom: parentNumber,
    ...rest,
    ...{ learned, heldOut, leftOut, epochs, keptEpoch, elapsedMs, judgedAt: judged?.at ?? null, checks },
    replay: {
      ...figures,
      appear: appear.count,
      vanish: vanish.count,
      move: move.count,
      raisedAgain: raisedAgain.count,
      lost: lost.first.map(({ alertId, number, before, after }) => ({ alert: alertId, number, before, after })),
    },
  };
}

/** The model that comes of it is proposed. */
export async function retrain(app: App, args: Arguments, output: Output): Promise<void> {
  const started = await app.parts.work.startRetraining({ seed: args.seed() });
  await finishJob(app, Promise.resolve(started));
  output(shown(await app.parts.proposals.get(started.modelId)));
}

export async function adopt(app: App, args: Arguments, output: Output): Promise<void> {
  const { proposals } = app.parts;
  const override = args.optional('override') ?? null;
  const { retraining, scoring } = await proposals.adopt(await named(app, args), override, scoredAgain(app));
  output(shown(retraining));
  if (scoring) await finishJob(app, Promise.resolve(scoring.start()));
}

export async function discard(app: App, args: Arguments, output: Output): Promise<void> {
  output(shown(await app.parts.proposals.discard(await named(app, args))));
}

export async function rollBack(app: App, args: Arguments, output: Output): Promise<void> {
  const { model, scoring } = await app.parts.proposals.rollBack(await named(app, args), scoredAgain(app));
  output({ model: model.id, number: model.number, state: 'in_use' });
  if (scoring) await finishJob(app, Promise.resolve(scoring.start()));
}

/** The model is in use already; without this, alerts would be those of the one before. Cut off, the app goes on with it. */
function scoredAgain({ parts: { work } }: App): PlanScoring {
  return (sourceIds) =>
    Promise.resolve(sourceIds.length === 0 ? null : work.planScore(sourceIds, counted(sourceIds.length, 'log')));
}

/** Undefined: the one that waits, or the one before. */
async function named({ parts }: App, args: Arguments): Promise<string | undefined> {
  const called = args.optional('model');
  if (called === undefined) return undefined;
  const models = await parts.services.store.call('list_models', undefined);
  const found = models.find(({ id, number }) => id === called || `m${number}` === called);
  if (found) return found.id;
  throw new AppError('NOT_FOUND', `There is no model "${called}". \`models\` lists them: m1 is the first.`);
}
