/** @file "I missed this": an event that was not flagged becomes an alert that was missed, and is decided as a threat at once. */
import type { VerdictEffect } from '../../shared/domain.ts';
import { AppError } from '../../shared/errors.ts';
import { nameActors } from './actors.ts';
import { scoreContextOf } from './detection/byPreset.ts';
import { judgeEvent } from './judgeEvent.ts';
import type { KeyModel } from './keyModel.ts';
import { alertBuilder } from './newAlert.ts';
import { parsedChars } from './presenter.ts';
import type { Services } from './services.ts';
import type { Teaching } from './teach.ts';
import { currentThreshold } from './thresholds.ts';

export type MissedEffect = VerdictEffect & { alertId: string; isNew: boolean };

export async function markMissed(
  services: Services,
  parts: { teaching: Teaching; modelInUse: () => Promise<KeyModel> },
  eventId: number,
  note: string,
): Promise<MissedEffect> {
  const { store } = services;
  const [event] = await store.call('get_events', { ids: [eventId], maxChars: parsedChars });
  if (!event) throw new AppError('NOT_FOUND', 'That line is no longer in the workspace.');
  if (event.format === 'sequences')
    throw new AppError('BAD_INPUT', 'A session of ids cannot be named as missed: it was judged as a whole.');
  const [model, threshold, actor] = await Promise.all([
    parts.modelInUse(),
    currentThreshold(services),
    services.actor(),
  ]);
  if (!threshold) throw new AppError('CONFLICT', 'There is no threshold yet. Learn what is normal first.');
  const context = scoreContextOf(services, model, threshold);
  const { session, surprise } = await judgeEvent(services, context, event);
  const alert = alertBuilder(services, context)(session, { surprises: [surprise], top: surprise });
  const templates = await store.call('get_templates', { indexes: [event.templateIndex] });
  await nameActors(services, [alert], () => templates[0]?.prefixHash ?? 0);
  const { sourceId } = event;
  const { alertId, isNew } = await store.call('mark_missed', { sourceId, alert, minScore: threshold.score, actor });
  const effect = await parts.teaching.give({
    selection: { kind: 'ids', ids: [alertId] },
    value: 'true_positive',
    note,
    isWide: false,
  });
  return { ...effect, alertId, isNew };
}
