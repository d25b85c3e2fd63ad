/** @file What the model reads of an alert's session when it scores the alert's event: the same window, on the same tokens, as scoring has. */
import { keyTokens } from '../../../shared/sequences.ts';
import { kindKey } from '../../learn/keyTable.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import type { StoreMethods } from '../../store/protocol.ts';

type Page = StoreMethods['read_alert_windows']['output'];
export type AlertFacts = Page['alerts'][number];

export type AlertWindow = {
  alert: AlertFacts;
  /** Up to the event; it begins where scoring's window does. One token is too little to score. */
  ids: number[];
  /** Of the window that scores the session's end; null where the event is not the session's last. */
  end: number[] | null;
  /** `kindKey` of the event. */
  kind: number;
  templateIndex: number;
  severity: number;
};

/** Throws nothing: an alert whose event is gone has no window and is left out. */
export function alertWindows(page: Page, vocabulary: Vocabulary, contextLength: number): AlertWindow[] {
  const { alerts, keys, offsets } = page;
  return alerts.flatMap((alert, index) => {
    const [from, to] = [offsets[index] ?? 0, offsets[index + 1] ?? 0];
    if (to === from) return [];
    const templateAt = (row: number): number => keys[2 * row] ?? 0;
    const severityAt = (row: number): number => keys[2 * row + 1] ?? -1;
    /** Token i is the begin for 0, else the event at place i - 1; the last row is the event at `place`. */
    const tokens = (first: number): number[] => {
      const ids: number[] = first === 0 ? [keyTokens.begin] : [];
      for (let place = Math.max(0, first - 1); place <= alert.place; place++) {
        const row = to - 1 - (alert.place - place);
        if (row >= from) ids.push(vocabulary.idOf(templateAt(row), severityAt(row)));
      }
      return ids;
    };
    const token = alert.place + 1;
    const [templateIndex, severity] = [templateAt(to - 1), severityAt(to - 1)];
    const end = alert.isSessionEnd ? [...tokens(windowStart(token + 1, contextLength)), keyTokens.end] : null;
    const ids = tokens(windowStart(token, contextLength));
    return [{ alert, ids, end, kind: kindKey(templateIndex, severity), templateIndex, severity }];
  });
}

/** Where the window begins that scores token `token` of a session (`planWindows`): the earliest that holds it. */
function windowStart(token: number, contextLength: number): number {
  const stride = Math.max(1, Math.floor(contextLength / 2));
  return stride * Math.max(0, Math.ceil((token - contextLength) / stride));
}
