/** @file What a client of the API says of an answer, as a verdict: a threat confirmed, a false alarm, what was missed, what is normal indeed. */
import type { Feedback } from '../../api/schemas.ts';
import { AppError } from '../../../shared/errors.ts';
import { createKeyedHash } from '../../text/keyedHash.ts';
import { markMissed, markNormal, type MissedParts } from '../missed.ts';
import type { Services } from '../services.ts';
import { currentThreshold } from '../thresholdInForce.ts';

/** `alertId`: of what was flagged; `wasAnomaly`: whether the answer called it one. */
type Subject = { eventId: number; alertId: string | null; wasAnomaly: boolean; isHidden: boolean };

export class ApiFeedback {
  readonly #services: Services;
  readonly #parts: MissedParts;
  readonly #lineHash: (text: string) => number;

  constructor(services: Services, parts: MissedParts) {
    this.#services = services;
    this.#parts = parts;
    this.#lineHash = createKeyedHash(services.opened.hashKey);
  }

  /** Throws NOT_FOUND for what was never sent or raised, CONFLICT where what is said contradicts what was answered. */
  async give(feedback: Feedback, clientName: string): Promise<void> {
    const { teaching } = this.#parts;
    const { was_correct: wasCorrect, actual_label: label } = feedback;
    const subject =
      'alert_id' in feedback ? await this.#ofAlert(feedback.alert_id) : await this.#ofLine(feedback.log_line);
    const { eventId, alertId, wasAnomaly, isHidden } = subject;
    const isThreat = label === undefined ? wasAnomaly === wasCorrect : label === 'anomaly';
    // Of what a verdict or a mute hides both may be said: it is an alert, and was answered as none.
    if (!isHidden && wasAnomaly !== (wasCorrect === isThreat)) {
      throw new AppError(
        'CONFLICT',
        `The line was answered as ${wasAnomaly ? 'an anomaly' : 'normal'}: that was ${wasCorrect ? 'correct' : 'wrong'} and the line is ${isThreat ? 'an anomaly' : 'normal'} contradict each other. Nothing was recorded.`,
      );
    }
    const actor = { analyst: `${clientName} (API)`, at: this.#services.host.now() };
    if (alertId !== null) {
      const value = isThreat ? 'true_positive' : 'false_positive_logic';
      await teaching.give({ selection: { kind: 'ids', ids: [alertId] }, value, note: '', isWide: false, actor });
    } else if (isThreat) await markMissed(this.#services, this.#parts, eventId, '', actor);
    else await markNormal(this.#services, this.#parts, eventId, actor);
  }

  async #ofAlert(alertId: string): Promise<Subject> {
    const { store, host } = this.#services;
    const { row } = await store.call('get_alert', { alertId, now: host.now() });
    const { eventId, state, origin } = row;
    if (origin !== 'detector') return { eventId, alertId: null, wasAnomaly: false, isHidden: false };
    const isHidden = state === 'folded' || state === 'muted';
    return { eventId, alertId, wasAnomaly: !isHidden, isHidden };
  }

  async #ofLine(line: string): Promise<Subject> {
    const { store } = this.#services;
    const raw = line.toWellFormed();
    const found = await store.call('find_api_line', { lineHash: this.#lineHash(raw), raw });
    if (!found) throw new AppError('NOT_FOUND', 'That line was not sent to this workspace, or its log was removed.');
    const { eventId } = found;
    const minScore = (await currentThreshold(this.#services))?.score ?? 0;
    const flagged = await store.call('flagged_event', { eventId, minScore });
    return flagged ? this.#ofAlert(flagged.alertId) : { eventId, alertId: null, wasAnomaly: false, isHidden: false };
  }
}
