/** @file What is said of an event that was not flagged: "I missed this", and it is decided as a threat at once; or that it is normal indeed. */
import type { AlertSelection } from '../../shared/actions.ts';
import type { VerdictEffect } from '../../shared/verdicts.ts';
import { AppError } from '../../shared/errors.ts';
import { readAlertLines } from './actors.ts';
import { judgeEvent } from './judgeEvent.ts';
import { alertBuilder, type ScoreContext } from './newAlert.ts';
import { parsedChars } from './presenter.ts';
import type { Actor } from '../store/protocol/workspace.ts';
import type { Services } from './services.ts';
import type { Teaching } from './teach.ts';

/** `judging`: by what verdicts taught, as all else is judged. */
export type MissedParts = { teaching: Teaching; judging: () => Promise<ScoreContext | null> };

export type MissedEffect = VerdictEffect & { alertId: string; isNew: boolean };

export async function markMissed(
  services: Services,
  parts: MissedParts,
  eventId: number,
  note: string,
  by?: Actor,
): Promise<MissedEffect> {
  const actor = by ?? (await services.actor());
  const named = await nameEvent(services, parts, eventId, 'missed', actor);
  const value = 'true_positive';
  const effect = await parts.teaching.give({ selection: ids(named.alertId), value, note, isWide: false, actor });
  return { ...effect, ...named };
}

/** What was rightly not flagged. It says nothing of alerts to come that are alike: it was none. */
export async function markNormal(services: Services, parts: MissedParts, eventId: number, actor: Actor): Promise<void> {
  const { alertId } = await nameEvent(services, parts, eventId, 'sample', actor);
  const value = 'false_positive_logic';
  await parts.teaching.give({ selection: ids(alertId), value, note: '', isWide: false, isAlone: true, actor });
}

const ids = (id: string): AlertSelection => ({ kind: 'ids', ids: [id] });

async function nameEvent(
  services: Services,
  parts: MissedParts,
  eventId: number,
  origin: 'missed' | 'sample',
  actor: Actor,
): Promise<{ alertId: string; isNew: boolean }> {
  const { store } = services;
  const [event] = await store.call('get_events', { ids: [eventId], maxChars: parsedChars });
  if (!event) throw new AppError('NOT_FOUND', 'That line is no longer in the workspace.');
  if (event.format === 'sequences')
    throw new AppError('BAD_INPUT', 'A session of ids cannot be named as missed: it was judged as a whole.');
  const context = await parts.judging();
  if (!context) throw new AppError('CONFLICT', 'There is no threshold yet. Learn what is normal first.');
  const { session, surprise } = await judgeEvent(services, context, event);
  const alert = alertBuilder(services, context)(session, { surprises: [surprise], top: surprise });
  const templates = await store.call('get_templates', { indexes: [event.templateIndex] });
  await readAlertLines(services, [alert], context.model, () => templates[0]?.prefixHash ?? 0);
  const { sourceId } = event;
  return store.call('mark_missed', { sourceId, alert, minScore: context.threshold.score, origin, actor });
}
