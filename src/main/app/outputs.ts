/**
 * @file The outputs that alerts are sent to: what they are set to, which are on, how each fares. Each sends at its own pace (`outputRoute.ts`), at least once;
 * a receiver that is gone costs nothing but time: the queue waits in the workspace.
 */
import { AppError } from '../../shared/errors.ts';
import { outputKinds, outputNames, type Output, type OutputKind, type OutputSettings } from '../../shared/outputs.ts';
import { webhookSecret } from '../outputs/webhook.ts';
import type { OutputRecord } from '../store/outputs.ts';
import { testAlert } from './outgoingAlerts.ts';
import { defaultSettings, OutputRoute, queryOf, senderOf } from './outputRoute.ts';
import type { Services } from './services.ts';
import { currentThreshold } from './thresholdInForce.ts';

const secretBytes = 32;

export class Outputs {
  readonly #services: Services;
  readonly #changed: () => void;
  readonly #routes = new Map<OutputKind, OutputRoute>();
  /** Of each, what is being set: one at a time, or two routes would send the same alerts. */
  readonly #setting = new Map<OutputKind, Promise<unknown>>();
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
    for (const route of this.#routes.values()) route.look();
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
  set(settings: OutputSettings, secret: string | undefined): Promise<{ secret: string | null }> {
    const { kind } = settings.target;
    const before = this.#setting.get(kind) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.#set(settings, secret));
    this.#setting.set(kind, turn);
    return turn;
  }

  async #set(settings: OutputSettings, secret: string | undefined): Promise<{ secret: string | null }> {
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
    const sender = senderOf(this.#services, settings, secret ?? kept);
    await sender.send([testAlert(this.#services)], new AbortController().signal);
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
    await Promise.allSettled(this.#setting.values());
    await Promise.all([...this.#routes.keys()].map((kind) => this.#stop(kind)));
  }

  #on(): [OutputKind, OutputRoute][] {
    return [...this.#routes].filter(([, { isOn }]) => isOn);
  }

  async #record(kind: OutputKind): Promise<OutputRecord | undefined> {
    const records = await this.#services.store.call('list_outputs', undefined);
    return records.find(({ settings }) => settings.target.kind === kind);
  }

  #route(record: OutputRecord): void {
    this.#routes.set(record.settings.target.kind, new OutputRoute(this.#services, record, this.#changed));
  }

  async #stop(kind: OutputKind): Promise<void> {
    const route = this.#routes.get(kind);
    this.#routes.delete(kind);
    await route?.stop();
  }
}
