/**
 * @file Alerts to a webhook, one request each, signed as the Standard Webhooks specification 1.0 has it
 * (github.com/standard-webhooks/standard-webhooks): libraries in most languages check it. HMAC-SHA256 over `id.timestamp.body`, in base64.
 */
import { createHmac } from 'node:crypto';
import { messageIdOf, type OutgoingAlert, type Sender } from './outgoing.ts';
import { post } from './request.ts';

const secretPrefix = 'whsec_';

/** What a webhook's secret is made of. */
export function webhookSecret(random: Uint8Array): string {
  return `${secretPrefix}${Buffer.from(random).toString('base64')}`;
}

/** The signature that goes in `webhook-signature`. `timestamp` in seconds. A secret without the specification's prefix is the key itself. */
export function signatureOf(
  secret: string,
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): string {
  const isEncoded = secret.startsWith(secretPrefix);
  const key = isEncoded ? Buffer.from(secret.slice(secretPrefix.length), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

export function webhookBody(alert: OutgoingAlert): string {
  return JSON.stringify({ type: `alert.${alert.change}`, timestamp: alert.raisedAt, data: alert });
}

export function webhookSender(url: string, secret: string | null, now: () => number): Sender {
  return {
    mostAtOnce: 1,
    send: async (alerts, signal) => {
      for (const alert of alerts) {
        const body = webhookBody(alert);
        const id = messageIdOf(alert);
        const timestamp = Math.floor(now() / 1000);
        const signed: Record<string, string> =
          secret === null ? {} : { 'webhook-signature': signatureOf(secret, { id, timestamp, body }) };
        const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp), ...signed };
        await post(url, { body, headers, signal, hint, now });
      }
    },
  };
}

function hint(status: number): string {
  if (status === 401 || status === 403) return 'Check that the receiver has the secret that signs the requests.';
  if (status === 404 || status === 405 || (status >= 300 && status < 400)) return 'Check the address.';
  return 'It is tried again; look at what the receiver logs.';
}
