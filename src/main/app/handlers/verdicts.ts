/** @file What the routes of verdicts do: giving them, taking back, what they taught and what is remembered of them. */
import type { verdictsRoutes } from '../../../shared/routes/verdicts.ts';
import { defaultFolding, type FoldingSettings } from '../../../shared/thresholds.ts';
import type { Changes } from '../changes.ts';
import type { AppParts } from '../createApp.ts';
import { foldAgain } from '../foldAgain.ts';
import { listContradictions, readLearning } from '../learningReport.ts';
import { markMissed } from '../missed.ts';
import type { RouteHandlers } from '../router.ts';
import type { HandlerCommon } from './common.ts';

export function verdictHandlers(
  parts: AppParts,
  { blind, context, chosen, changing, moving }: HandlerCommon,
  changes: Changes,
): Pick<RouteHandlers, keyof typeof verdictsRoutes> {
  const { services, texts, scoring, teaching, mutes, thresholds, retrainRule } = parts;
  const { store } = services;
  const folding = async (): Promise<FoldingSettings> =>
    ((await store.call('get_setting', { key: 'folding' })) as FoldingSettings | null) ?? defaultFolding;
  /** The answer does not wait for what the rule makes of it. */
  const taught = async <T>(giving: Promise<T>): Promise<T> => {
    const effect = await giving;
    retrainRule.verdictGiven();
    return effect;
  };
  const stepping = async (direction: 'undo' | 'redo') => {
    const outcome = await teaching.step(direction);
    if (outcome?.kind === 'mute' || outcome?.kind === 'unmute') await mutes.stepped();
    if (outcome?.kind.startsWith('case')) void changes.all();
    else changes.alertsSoon();
    return outcome;
  };
  return {
    'folding.get': folding,
    'folding.set': async (value) => {
      await store.call('set_setting', { key: 'folding', value, actor: await services.actor() });
      await changing(foldAgain(services));
      return folding();
    },

    'verdicts.give': ({ alertId, ...given }) =>
      taught(moving(teaching.give({ ...given, selection: { kind: 'ids', ids: [alertId] } }))),
    'verdicts.give_many': async ({ selection, ...given }) =>
      taught(moving(teaching.give({ ...given, selection: await chosen(selection) }))),
    'verdicts.preview_wide': async ({ selection }) =>
      store.call('preview_wide_fold', { selection: await chosen(selection), ...(await context()) }),
    'teach.missed': ({ eventId, note }) =>
      taught(changing(markMissed(services, { teaching, judging: () => scoring.judging() }, eventId, note))),
    'teach.answer': async (input) => {
      const effect = await store.call('answer_again', { ...input, actor: await services.actor() });
      blind.answered(input.alertId);
      return effect;
    },
    'learning.report': ({ zone, days }) => readLearning(services, zone, days),
    'learning.contradictions': async () => blind.contradictions(await listContradictions(services, texts)),
    'actions.undo': () => stepping('undo'),
    'actions.redo': () => stepping('redo'),

    'learning.settings': () => thresholds.learning(),
    'learning.set': async (settings) => {
      await thresholds.setLearning(settings);
      return thresholds.learning();
    },

    'learning.pending': () => [...thresholds.pending],
    'learning.confirm': async ({ seen }) => {
      await thresholds.confirmPending(seen);
      return null;
    },
    'memory.list': async () => {
      const entries = await store.call('list_memory', undefined);
      const textOf = await texts.of(entries.map(({ templateIndex }) => templateIndex));
      return blind.memory(entries.map((entry) => ({ ...entry, template: textOf(entry.templateIndex) })));
    },
    'memory.forget': async ({ number }) =>
      changing(store.call('forget_memory', { number, actor: await services.actor() })),
  };
}
