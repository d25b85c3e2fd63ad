/** @file Alerts as they leave the app: what the queue says of them, and their lines where the output is to have these. */
import { severityNames } from '../../shared/alerts.ts';
import type { Instant } from '../../shared/instant.ts';
import type { Threshold } from '../../shared/thresholds.ts';
import { readingOf } from '../detect/reading.ts';
import type { OutgoingAlert } from '../outputs/outgoing.ts';
import type { AlertRecord } from '../store/protocol/alerts.ts';
import { toAlertRow } from './presenter.ts';
import type { Services } from './services.ts';

/** Longer lines are cut: whoever wants the whole line has the alert's id. */
const mostLineChars = 8000;

const iso = (at: Instant | null): string | null =>
  at === null || !Number.isFinite(new Date(at).getTime()) ? null : new Date(at).toISOString();

export async function outgoingAlerts(
  { store, opened, host }: Pick<Services, 'store' | 'opened' | 'host'>,
  records: readonly (AlertRecord & { wasTold: boolean })[],
  { threshold, sendsLine }: { threshold: Threshold | undefined; sendsLine: boolean },
): Promise<OutgoingAlert[]> {
  const ids = sendsLine ? [...new Set(records.map(({ eventId }) => eventId))] : [];
  const events = ids.length === 0 ? [] : await store.call('get_events', { ids, maxChars: mostLineChars });
  const eventOf = new Map(events.map((event) => [event.id, event]));
  return records.map((record) => {
    const { severity, score, bits, perplexity, confidence, detector, lineNumber, eventCount } = record;
    const event = eventOf.get(record.eventId);
    const { entity } = toAlertRow(record, '', null);
    return {
      id: record.id,
      change: record.wasTold ? 'risen' : 'raised',
      name: `A-${record.number}`,
      severity: severityNames[severity - 1] ?? 'info',
      severityLevel: severity,
      title: record.title,
      reasoning: readingOf(score, threshold?.score ?? 0, threshold?.calibrationEvents ?? 0),
      ...{ score, p: 10 ** -score, threshold: threshold?.score ?? 0, bits, perplexity, confidence, detector },
      ...{ source: record.sourceName, lineNumber, host: record.host, eventCount },
      entity: { kind: entity.kind, name: entity.text },
      at: iso(record.at),
      raisedAt: iso(record.raisedAt) ?? new Date(0).toISOString(),
      line: event?.raw ?? null,
      isLineCut: event !== undefined && event.rawLengthChars > event.raw.length,
      workspaceId: opened.workspaceId,
      appVersion: host.appVersion,
    };
  });
}

/** What the test button sends: nothing of any log, and it says what it is. */
export function testAlert({ opened, host }: Pick<Services, 'opened' | 'host'>): OutgoingAlert {
  const now = new Date(host.now()).toISOString();
  return {
    ...{ id: host.newId(), change: 'raised', name: 'A-0', severity: 'info', severityLevel: 1 },
    title: 'Test of an output',
    reasoning: 'Somebody pressed the test button: nothing was found.',
    ...{ score: 0, p: 1, threshold: 0, bits: 0, perplexity: null, confidence: null, detector: 'test' },
    ...{ source: 'Surprisal', lineNumber: 1, host: null, eventCount: 0 },
    entity: { kind: 'source', name: 'Surprisal' },
    ...{ at: now, raisedAt: now, line: null, isLineCut: false },
    workspaceId: opened.workspaceId,
    appVersion: host.appVersion,
  };
}
