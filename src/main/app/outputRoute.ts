/**
 * @file One output that is set up: sends what waits for it, one request at a time, and moves its place only when the receiver has taken it. After a failure it
 * is tried again later and later, or when the receiver said.
 */
import { hostname } from 'node:os';
import type { Instant } from '../../shared/instant.ts';
import { AppError, forStderr, toErrorData } from '../../shared/errors.ts';
import { outputNames, type OutputKind, type OutputSettings } from '../../shared/outputs.ts';
import type { Sender } from '../outputs/outgoing.ts';
import { Refusal } from '../outputs/request.ts';
import { splunkSender } from '../outputs/splunk.ts';
import { syslogSender } from '../outputs/syslog.ts';
import { webhookSender } from '../outputs/webhook.ts';
import type { ChangedQuery, OutputRecord } from '../store/outputs.ts';
import type { AlertRecord } from '../store/protocol/alerts.ts';
import { outgoingAlerts } from './outgoingAlerts.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';

const firstWaitMs = 1000;
const longestWaitMs = 300_000;
/** A receiver that asks for more is asked again before: what it says is not ours. */
const longestAskedMs = 3_600_000;

type Failure = { count: number; problem: string; nextTryAt: Instant };
type Waiting = { alerts: (AlertRecord & { wasTold: boolean })[]; afterNumber: number; afterChange: number };

export class OutputRoute {
  /** Null while nothing is wrong. */
  failure: Failure | null = null;
  readonly #services: Services;
  readonly #changed: () => void;
  readonly #abort = new AbortController();
  #record: OutputRecord;
  /** The sending under way; one at a time. */
  #sending: Promise<void> | null = null;
  /** Something came while it was sending. */
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(services: Services, record: OutputRecord, changed: () => void) {
    this.#services = services;
    this.#record = record;
    this.#changed = changed;
  }

  get isOn(): boolean {
    return this.#record.settings.isOn;
  }

  get sending(): Promise<void> | null {
    return this.#sending;
  }

  /** There may be something to send; nothing is tried before its time after a failure. */
  look(): void {
    if (!this.failure) this.#start();
    // It may have read what waits already.
    else if (this.#sending) this.#isDue = true;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#abort.abort(new AppError('CANCELLED', 'Sending was stopped.'));
    await this.#sending;
  }

  #start(): void {
    if (this.#abort.signal.aborted || !this.isOn) return;
    this.#isDue = true;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
      if (this.#isDue && !this.failure) this.#start();
    });
  }

  /** Everything that waits; ends at the first failure. */
  async #send(): Promise<void> {
    const { store, host } = this.#services;
    const { settings, secret } = this.#record;
    const { kind } = settings.target;
    const { signal } = this.#abort;
    const sender = senderOf(this.#services, settings, secret);
    try {
      while (this.#isDue && !signal.aborted) {
        this.#isDue = false;
        const threshold = await currentThreshold(this.#services);
        const { alerts, ...place } = await this.#waiting(threshold?.score ?? 0, sender.mostAtOnce);
        if (alerts.length > 0) {
          const outgoing = await outgoingAlerts(this.#services, alerts, { threshold, sendsLine: settings.sendsLine });
          await sender.send(outgoing, signal);
          this.#isDue = true;
        }
        if (place.afterNumber > this.#record.afterNumber || place.afterChange > this.#record.afterChange) {
          const sent = alerts.map(({ number, severity }) => ({ number, severity }));
          await store.call('mark_sent', { kind, ...place, sent, now: host.now() });
          this.#record = { ...this.#record, ...place };
        }
        if (this.failure) {
          this.failure = null;
          this.#changed();
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AppError)) console.error(`${outputNames[kind]}:`, forStderr(error));
      this.#failed(error);
    }
  }

  /** Changes of alerts that were passed already, or where there are none those that were not. */
  async #waiting(minScore: number, limit: number): Promise<Waiting> {
    const { store } = this.#services;
    const { afterNumber, afterChange } = this.#record;
    const query = queryOf(this.#record, minScore);
    const { alerts: changed, lastChange } = await store.call('changed_alerts', { ...query, limit });
    if (changed.length > 0) return { alerts: changed, afterNumber, afterChange: lastChange };
    const { alerts, lastNumber } = await store.call('outgoing_alerts', { ...query, limit });
    // A change of one of these is not lost: it has a higher number than what was read of them.
    return {
      alerts: alerts.map((alert) => ({ ...alert, wasTold: false })),
      afterNumber: lastNumber,
      afterChange: Math.max(afterChange, lastChange),
    };
  }

  /** Later and later: a receiver that comes back must not find a flood of tries. */
  #failed(error: unknown): void {
    const { host } = this.#services;
    const count = (this.failure?.count ?? 0) + 1;
    const asked = error instanceof Refusal ? Math.min(error.retryAfterMs ?? 0, longestAskedMs) : 0;
    // Half of it by chance: outputs of many workspaces must not all come back at once.
    const ownMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (count - 1)) * (0.5 + (host.randomBytes(1)[0] ?? 0) / 510);
    const waitMs = Math.max(asked, ownMs);
    this.failure = { count, problem: toErrorData(error).message, nextTryAt: host.now() + waitMs };
    this.#timer = setTimeout(() => this.#start(), waitMs);
    this.#timer.unref();
    this.#changed();
  }
}

export function queryOf({ settings, afterNumber, afterChange }: OutputRecord, minScore: number): ChangedQuery {
  const { target, minSeverity } = settings;
  return { kind: target.kind, afterNumber, afterChange, minScore, minSeverity };
}

export function senderOf(
  { host }: Pick<Services, 'host'>,
  { target }: Pick<OutputSettings, 'target'>,
  secret: string | null,
): Sender {
  switch (target.kind) {
    case 'webhook':
      return webhookSender(target.url, secret, () => host.now());
    case 'splunk':
      return splunkSender(target.url, secret, { index: target.index, now: () => host.now() });
    case 'syslog':
      return syslogSender(target, hostname());
  }
}

export function defaultSettings(kind: OutputKind): OutputSettings {
  const common = { isOn: false, minSeverity: 1 as const, sendsLine: true };
  switch (kind) {
    case 'webhook':
      return { ...common, target: { kind, url: '' } };
    case 'splunk':
      return { ...common, target: { kind, url: '', index: null } };
    case 'syslog':
      return { ...common, target: { kind, host: '', port: 6514, transport: 'tls' } };
  }
}
