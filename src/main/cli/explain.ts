/** @file `explain`: a language model on this machine puts an alert into words, piece by piece; and the switch for it. */
import { AppError } from '../../shared/errors.ts';
import { isInDoubt } from '../../shared/explanations.ts';
import type { App } from '../app/createApp.ts';
import { doubtsOf } from '../app/explanations.ts';
import { alertIdOf } from './alertIds.ts';
import type { Arguments } from './arguments.ts';
import type { Output } from './commands.ts';

/** A JSON line for each piece as it comes, and one of the whole with what is in doubt of it. Throws what keeps it from being written. */
export async function explain(app: App, args: Arguments, output: Output): Promise<void> {
  const { explanations } = app.parts;
  const switching = args.switching();
  if (switching !== undefined) {
    const now = await explanations.settings();
    const { address = now.address, model = now.model } = {
      address: args.optional('address'),
      model: args.optional('model'),
    };
    output(await explanations.set({ isOn: switching === 'on', address, model }));
    return;
  }
  const alertId = await alertIdOf(app, args.text('alert'));
  let length = 0;
  const unsubscribe = app.subscribe(({ topic, data }) => {
    if (topic !== 'explanation.changed' || data.alertId !== alertId || data.text.length <= length) return;
    output({ piece: data.text.slice(length) });
    length = data.text.length;
  });
  try {
    const { ended } = await explanations.start(alertId, args.flag('again'));
    const said = await ended;
    if (said.text.length > length) output({ piece: said.text.slice(length) });
    if (said.state !== 'done') throw new AppError('PROVIDER_FAILED', said.error ?? 'It was not written to its end.');
    const { model, promptVersion, text, isCut, suspects, madeAt } = said;
    output({
      ...{ alert: alertId, isMachineWritten: true, model, promptVersion, text, isCut, madeAt },
      ...{ isInDoubt: isInDoubt(said), doubts: doubtsOf(said), suspects },
    });
  } finally {
    unsubscribe();
  }
}
