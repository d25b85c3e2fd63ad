/**
 * @file Sends alerts to the outputs that are on, each at its own pace: in the order they were raised, at least once, and the place is moved only when
 * the receiver has taken them. A receiver that is gone costs nothing but time: the queue waits in the workspace.
 */
import { hostname } from 'node:os';
import type { Instant } from '../../shared/domain.ts';
import { AppError, forStderr, toErrorData } from '../../shared/errors.ts';
import { outputKinds, outputNames, type Output, type OutputKind, type OutputSettings } from '../../shared/outputs.ts';
import type { Sender } from '../outputs/outgoing.ts';
import { splunkSender } from '../outputs/splunk.ts';
import { syslogSender } from '../outputs/syslog.ts';
import { webhookSecret, webhookSender } from '../outputs/webhook.ts';
import type { OutgoingQuery, OutputRecord } from '../store/outputs.ts';
import { outgoingAlerts, testAlert } from './outgoingAlerts.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholds.ts';

const firstWaitMs = 1000;
const longestWaitMs = 300_000;
const secretBytes = 32;

type Failure = { count: number; problem: string; nextTryAt: Instant };

type Route = {
  record: OutputRecord;
  abort: AbortController;
  /** The sending under way; one at a time. */
  sending: Promise<void> | null;
  /** Something came while it was sending. */
  isDue: boolean;
  failure: Failure | null;
  timer: NodeJS.Timeout | undefined;
};

export class Outputs {
  readonly #services: Services;
  readonly #changed: () => void;
  readonly #routes = new Map<OutputKind, Route>();
  #isClosed = false;

  constructor(services: Services, changed: () => void) {
    this.#services = services;
    this.#changed = changed;
  }

  async open(): Promise<void> {
    for (const record of await this.#services.store.call('list_outputs', undefined)) this.#route(record);
    this.look();
  }

  /** Where alerts go outside this machine's workspace; null where none does. For the status. */
  networkText(): string | null {
    const on = this.#on().map(([kind]) => outputNames[kind]);
    return on.length === 0 ? null : `Alerts go to: ${on.join(', ')}`;
  }

  /** What is wrong now, a sentence each. */
  problems(): string[] {
    return this.#on().flatMap(([kind, { failure }]) => (failure ? [`${outputNames[kind]}: ${failure.problem}`] : []));
  }

  /** There may be something to send. */
  look(): void {
    for (const [kind, route] of this.#routes) if (!route.failure) this.#start(kind, route);
  }

  async list(): Promise<Output[]> {
    const threshold = await currentThreshold(this.#services);
    const records = await this.#services.store.call('list_outputs', undefined);
    return Promise.all(
      outputKinds.map(async (kind) => {
        const record = records.find(({ settings }) => settings.target.kind === kind);
        const { settings } = record ?? { settings: defaultSettings(kind) };
        const failure = this.#routes.get(kind)?.failure;
        const waiting =
          record && settings.isOn
            ? await this.#services.store.call('count_outgoing', queryOf(record, threshold?.score ?? 0))
            : 0;
        return {
          ...settings,
          hasSecret: typeof record?.secret === 'string',
          sentCount: record?.sentCount ?? 0,
          waitingCount: waiting,
          lastSentAt: record?.lastSentAt ?? null,
          problem: failure?.problem ?? null,
          nextTryAt: failure?.nextTryAt ?? null,
        };
      }),
    );
  }

  /**
   * Keeps what an output is set to; `secret` undefined keeps the one there is. A webhook without one gets one: `secret` of the answer is then
   * told this once, for whoever sets up the receiver.
   */
  async set(settings: OutputSettings, secret: string | undefined): Promise<{ secret: string | null }> {
    const { store } = this.#services;
    const { kind } = settings.target;
    const hadSecret = typeof (await this.#record(kind))?.secret === 'string';
    if (kind === 'splunk' && settings.isOn && secret === undefined && !hadSecret)
      throw new AppError(
        'BAD_REQUEST',
        'Splunk takes events with a token only: give the one that its collector shows.',
      );
    const made =
      kind === 'webhook' && secret === undefined && !hadSecret
        ? webhookSecret(this.#services.host.randomBytes(secretBytes))
        : null;
    const kept = secret ?? made ?? undefined;
    await store.call('set_output', {
      settings,
      ...(kept === undefined ? {} : { secret: kept }),
      actor: await this.#services.actor(),
    });
    await this.#stop(kind);
    const record = await this.#record(kind);
    if (record && !this.#isClosed) this.#route(record);
    this.look();
    this.#changed();
    return { secret: made };
  }

  /** Sends one test alert by settings that need not be kept yet. Throws UNREACHABLE. */
  async test(settings: OutputSettings, secret: string | undefined): Promise<void> {
    const kept = (await this.#record(settings.target.kind))?.secret ?? null;
    await this.#sender(settings, secret ?? kept).send([testAlert(this.#services)], new AbortController().signal);
  }

  /** When everything that waits is sent, or could not be. What is tried again later is not waited for. */
  async settled(): Promise<void> {
    for (;;) {
      const sending = [...this.#routes.values()].flatMap((route) => route.sending ?? []);
      if (sending.length === 0) return;
      await Promise.all(sending);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#routes.keys()].map((kind) => this.#stop(kind)));
  }

  #on(): [OutputKind, Route][] {
    return [...this.#routes].filter(([, { record }]) => record.settings.isOn);
  }

  async #record(kind: OutputKind): Promise<OutputRecord | undefined> {
    const records = await this.#services.store.call('list_outputs', undefined);
    return records.find(({ settings }) => settings.target.kind === kind);
  }

  #route(record: OutputRecord): void {
    const { kind } = record.settings.target;
    this.#routes.set(kind, {
      ...{ record, abort: new AbortController(), sending: null, isDue: false, failure: null, timer: undefined },
    });
  }

  async #stop(kind: OutputKind): Promise<void> {
    const route = this.#routes.get(kind);
    if (!route) return;
    this.#routes.delete(kind);
    clearTimeout(route.timer);
    route.abort.abort(new AppError('CANCELLED', 'Sending was stopped.'));
    await route.sending;
  }

  #start(kind: OutputKind, route: Route): void {
    if (this.#isClosed || !route.record.settings.isOn) return;
    route.isDue = true;
    route.sending ??= this.#send(kind, route).finally(() => {
      route.sending = null;
      if (route.isDue && !route.failure && this.#routes.get(kind) === route) this.#start(kind, route);
    });
  }

  /** Everything that waits; ends at the first failure. */
  async #send(kind: OutputKind, route: Route): Promise<void> {
    const { store, host } = this.#services;
    const { settings, secret } = route.record;
    const sender = this.#sender(settings, secret);
    try {
      while (route.isDue && !route.abort.signal.aborted) {
        route.isDue = false;
        const threshold = await currentThreshold(this.#services);
        const query = queryOf(route.record, threshold?.score ?? 0);
        const { alerts, lastNumber } = await store.call('outgoing_alerts', { ...query, limit: sender.mostAtOnce });
        if (alerts.length > 0) {
          const outgoing = await outgoingAlerts(this.#services, alerts, { threshold, sendsLine: settings.sendsLine });
          await sender.send(outgoing, route.abort.signal);
          route.isDue = true;
        }
        if (lastNumber > route.record.afterNumber) {
          const count = alerts.length;
          await store.call('mark_sent', { kind, afterNumber: lastNumber, count, now: host.now() });
          route.record = { ...route.record, afterNumber: lastNumber };
        }
        if (route.failure) {
          route.failure = null;
          this.#changed();
        }
      }
    } catch (error) {
      if (route.abort.signal.aborted || this.#isClosed) return;
      if (!(error instanceof AppError)) console.error(`${outputNames[kind]}:`, forStderr(error));
      this.#failed(kind, route, toErrorData(error).message);
    }
  }

  /** Tried again later and later: a receiver that comes back must not find a flood of tries. */
  #failed(kind: OutputKind, route: Route, problem: string): void {
    const count = (route.failure?.count ?? 0) + 1;
    // Half of it by chance: outputs of many workspaces must not all come back at once.
    const waitMs =
      Math.min(longestWaitMs, firstWaitMs * 2 ** (count - 1)) *
      (0.5 + (this.#services.host.randomBytes(1)[0] ?? 0) / 510);
    route.failure = { count, problem, nextTryAt: this.#services.host.now() + waitMs };
    route.timer = setTimeout(() => this.#start(kind, route), waitMs);
    route.timer.unref();
    this.#changed();
  }

  #sender({ target }: OutputSettings, secret: string | null): Sender {
    switch (target.kind) {
      case 'webhook':
        return webhookSender(target.url, secret, () => this.#services.host.now());
      case 'splunk':
        return splunkSender(target.url, secret, target.index);
      case 'syslog':
        return syslogSender(target, hostname());
    }
  }
}

function queryOf({ settings, afterNumber }: OutputRecord, minScore: number): OutgoingQuery {
  return { afterNumber, minScore, minSeverity: settings.minSeverity };
}

function defaultSettings(kind: OutputKind): OutputSettings {
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
