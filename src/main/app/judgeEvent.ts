/** @file Judges one event again by the model in use, in its session and its log as they were by then: of what was not flagged nothing is kept. */
import { AppError } from '../../shared/errors.ts';
import { packSequences } from '../../shared/sequences.ts';
import type { SessionFacts } from '../learn/sessionParts.ts';
import type { EventRecord } from '../store/protocol/events.ts';
import { contextLengthOf, kindOf, surpriseBy } from './keyModel.ts';
import type { EventSurprise, ScoreContext } from './newAlert.ts';
import type { Services } from './services.ts';
import { LiveJudge } from './watch/liveJudge.ts';
import { LiveSession, eventsOf } from './watch/liveSession.ts';

/** Of its session before it: as many as a session that comes back into memory is looked at again. */
const historyEvents = 512;

export async function judgeEvent(
  services: Services,
  context: ScoreContext,
  event: EventRecord,
): Promise<{ session: SessionFacts; surprise: EventSurprise }> {
  const { store } = services;
  const { model, detection } = context;
  const { id: eventId, sourceId, sessionId, format } = event;
  const judge = new LiveJudge(store);
  const [[firstEventId = 0], { entityKind, entityHash }, [history]] = await Promise.all([
    store.call('read_keys', { sourceId, afterEventId: 0, limit: 1 }).then(({ eventIds }) => eventIds),
    store.call('get_session', { sessionId }),
    store.call('read_session_keys', { sessionIds: [sessionId], beforeEventId: eventId + 1, limit: historyEvents }),
  ]);
  if (!history) throw new AppError('NOT_FOUND', 'That line is no longer in the workspace.');
  const session = new LiveSession(sessionId, history.countBefore, contextLengthOf(model.card));
  const fresh = eventsOf(history.keys);
  const sequence = session.sequence(fresh, false, ({ templateIndex, severity }) =>
    model.vocabulary.idOf(templateIndex, severity),
  );
  await detection.versions?.read(history.keys.templateIndexes);
  const log = await judge.openLog({ id: sourceId, firstEventId, scoredEventId: eventId }, detection);
  const source = { format, log, samples: { draws: (id: number) => id === eventId } };
  const step = { source, session, fresh, hasEnd: false, sequence };
  await judge.readPrograms([step]);
  const indexes = [...new Set(fresh.map(({ templateIndex }) => templateIndex))];
  const templates = new Map((await store.call('get_templates', { indexes })).map((one) => [one.index, one]));
  const kindAt = (_index: number, position: number): ReturnType<typeof kindOf> => {
    const at = session.eventAt(sequence.firstToken + position, fresh);
    return kindOf(templates.get(at?.templateIndex ?? -1), at?.severity ?? -1);
  };
  const { graph, ...scored } = await surpriseBy(services.engine(), context, packSequences([sequence.ids]), kindAt);
  const { surprises, drawn } = judge.judge(step, scored, graph, context);
  const surprise = [...drawn, ...surprises].find((one) => one.eventId === eventId);
  if (!surprise) throw new AppError('INTERNAL', 'The line was not judged.');
  return { session: { id: sessionId, entityKind, entityHash }, surprise };
}
