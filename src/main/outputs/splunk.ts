/** @file Alerts to Splunk's HTTP Event Collector: many to a request, as one JSON object after another. */
import type { OutgoingAlert, Sender } from './outgoing.ts';
import { post } from './request.ts';

/** Where the collector listens on a host; a full path is left as it is. */
export function collectorUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.pathname === '/') parsed.pathname = '/services/collector/event';
  return parsed.href;
}

export function splunkEvent(alert: OutgoingAlert, index: string | null): string {
  const { at, raisedAt, host, source } = alert;
  return JSON.stringify({
    time: Date.parse(at ?? raisedAt) / 1000,
    ...(host === null ? {} : { host }),
    source,
    sourcetype: 'surprisal:alert',
    ...(index === null ? {} : { index }),
    event: alert,
  });
}

export function splunkSender(
  url: string,
  token: string | null,
  { index, now }: { index: string | null; now: () => number },
): Sender {
  return {
    mostAtOnce: 100,
    send: async (alerts, signal) => {
      const body = alerts.map((alert) => splunkEvent(alert, index)).join('\n');
      const headers = { authorization: `Splunk ${token ?? ''}` };
      await post(collectorUrl(url), { body, headers, signal, hint, now });
    },
  };
}

function hint(status: number): string {
  if (status === 401 || status === 403) return 'Check the token, and that it is enabled.';
  if (status === 400) return 'Check that the token may write to the index.';
  if (status === 404 || (status >= 300 && status < 400))
    return 'Check the address: the collector listens on port 8088 unless it was changed.';
  return 'The collector is busy or not well; it is tried again.';
}
