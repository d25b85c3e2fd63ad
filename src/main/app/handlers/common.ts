/** @file What handlers of several concerns need alike: what is asked for and by whom, names of logs, and telling everyone what a change did. */
import type { AlertSelection } from '../../../shared/actions.ts';
import { AppError } from '../../../shared/errors.ts';
import type { QueryContext } from '../../store/protocol/alerts.ts';
import { BlindQuestion } from '../blindQuestion.ts';
import type { Changes } from '../changes.ts';
import type { Services } from '../services.ts';
import { withoutTeachQuery } from '../teachList.ts';
import { currentThreshold } from '../thresholdInForce.ts';

export type HandlerCommon = ReturnType<typeof createCommon>;

export function createCommon(services: Services, changes: Changes) {
  const { store } = services;
  const blind = new BlindQuestion(services);
  const minScore = async (): Promise<number> => (await currentThreshold(services))?.score ?? 0;
  /** What the words of a filter mean now, and to whom. */
  const context = async (): Promise<QueryContext> => {
    const [actor, score, without] = await Promise.all([services.actor(), minScore(), blind.number()]);
    return { minScore: score, now: actor.at, analyst: actor.analyst, without };
  };
  const sourceNames = async (ids: readonly number[]): Promise<string> => {
    const sources = await store.call('list_sources', undefined);
    const names = ids.map((id) => {
      const source = sources.find((candidate) => candidate.id === id);
      if (!source) throw new AppError('NOT_FOUND', 'That log is no longer in the workspace.');
      return source.name;
    });
    return names.join(', ');
  };
  return {
    blind,
    minScore,
    context,
    /** What a selection means now, and to whom. */
    chosen: async (selection: AlertSelection): Promise<AlertSelection> =>
      withoutTeachQuery(services, await blind.selection(selection), await context()),
    acting: async () => ({ minScore: await minScore(), actor: await services.actor() }),
    sourceNames,
    /** Runs a change and tells everyone about it. */
    changing: async <T>(change: Promise<T>): Promise<T> => {
      const result = await change;
      void changes.all();
      return result;
    },
    /** The same for one that moves alerts only. */
    moving: async <T>(change: Promise<T>): Promise<T> => {
      const result = await change;
      changes.alertsSoon();
      return result;
    },
  };
}
