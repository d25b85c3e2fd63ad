/** @file The switch of the local API: whether it runs and where, kept over restarts, or served for one launch; its tokens, figures and listeners. */
import {
  defaultApiSettings,
  type ApiSettings,
  type ApiState,
  type ApiTest,
  type NewApiToken,
} from '../../../shared/api.ts';
import { forStderr, toErrorData } from '../../../shared/errors.ts';
import { defaultLimits, startApi, type ApiLimits, type ApiServer } from '../../api/server.ts';
import { metricsAnswer, type Metrics } from '../../api/schemas.ts';
import type { EventBus } from '../eventBus.ts';
import { indexInBackground } from '../importFile.ts';
import type { Services } from '../services.ts';
import type { Teaching } from '../teach.ts';
import type { Thresholds } from '../thresholds.ts';
import { LiveJudging } from '../watch/liveJudging.ts';
import type { Scoring } from '../scoring.ts';
import { AlertTeller } from './alertTeller.ts';
import { ApiFeedback } from './apiFeedback.ts';
import { ApiLines } from './apiLines.ts';
import { ApiTokens } from './apiTokens.ts';

const settingsKey = 'api';
const tellMs = 1000;
const testMs = 5000;
/** So long verdicts that were counted are the newest. */
const verdictsMs = 1000;

type Parts = {
  services: Services;
  bus: EventBus;
  scoring: Scoring;
  thresholds: Thresholds;
  teaching: Teaching;
  /** A verdict was given. */
  taught: () => void;
  tellStatus: () => void;
  /** Events came. */
  noteChange: () => void;
};

export class Api {
  readonly tokens: ApiTokens;
  readonly #parts: Parts;
  readonly #judging: LiveJudging;
  readonly #lines: ApiLines;
  readonly #feedback: ApiFeedback;
  readonly #teller: AlertTeller;
  readonly #limits: ApiLimits;
  #settings: ApiSettings = defaultApiSettings;
  /** Of `serve`. */
  #served: number | null = null;
  #server: ApiServer | null = null;
  #problem: string | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #tellTimer: NodeJS.Timeout | undefined;
  #isIndexing = false;
  #verdicts: { at: number; counted: Promise<{ truePositives: number; falsePositives: number }> } | null = null;

  constructor(parts: Parts, limits: ApiLimits = defaultLimits) {
    const { services, scoring, thresholds, teaching } = parts;
    this.#parts = parts;
    this.#limits = limits;
    this.tokens = new ApiTokens(services);
    this.#judging = new LiveJudging({ services, scoring, thresholds }, { tellsAll: true });
    this.#lines = new ApiLines({ services, bus: parts.bus, judging: this.#judging, tellStatus: () => this.#tell() });
    this.#feedback = new ApiFeedback(services, { teaching, judging: () => scoring.judging() });
    this.#teller = new AlertTeller(services, () => this.#server?.stream ?? null);
  }

  /** `served`: the port of `serve`, which runs whatever is set. What keeps it from running is in its state. */
  async open(served: number | null): Promise<void> {
    this.#served = served;
    const kept = (await this.#parts.services.store.call('get_setting', { key: settingsKey })) as ApiSettings | null;
    this.#settings = { ...defaultApiSettings, ...kept };
    await this.tokens.open();
    await this.#inTurn(() => this.#asSet());
  }

  get state(): ApiState {
    return {
      settings: this.#settings,
      runsAt: this.#server?.port ?? null,
      problem: this.#problem,
      isServed: this.#served !== null,
    };
  }

  /** What the threshold does not follow of what is sent, in a sentence. */
  get notFollowed(): string | null {
    return this.#judging.notFollowed;
  }

  /** The switch is kept before anything changes, and whether it runs is in the state. */
  set(settings: ApiSettings): Promise<ApiState> {
    return this.#inTurn(async () => {
      const { services, tellStatus } = this.#parts;
      await services.store.call('set_setting', { key: settingsKey, value: settings, actor: await services.actor() });
      this.#settings = settings;
      await this.#asSet();
      tellStatus();
      return this.state;
    });
  }

  createToken(name: string): Promise<NewApiToken> {
    return this.tokens.create(name);
  }

  async revokeToken(id: string): Promise<void> {
    await this.tokens.revoke(id);
    this.#server?.revoked(id);
  }

  /** Asks itself as a client would, with a token of its own for this once. */
  async test(): Promise<ApiTest> {
    const server = this.#server;
    if (!server) return { isFine: false, text: this.#problem ?? 'The API is off: switch it on first.' };
    const began = performance.now();
    const url = `http://127.0.0.1:${server.port}/metrics`;
    try {
      const answer = await this.tokens.passing((token) =>
        fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(testMs) }),
      );
      if (!answer.ok) return { isFine: false, text: `It answered with status ${answer.status}.` };
      metricsAnswer.parse(await answer.json());
      return { isFine: true, text: `It answered in ${Math.max(1, Math.round(performance.now() - began))} ms.` };
    } catch (error) {
      return { isFine: false, text: `It did not answer: ${toErrorData(error).message}` };
    }
  }

  /** There may be alerts that those who listen have not heard of. */
  look(): void {
    if (this.#server) this.#teller.look();
  }

  close(): Promise<void> {
    clearTimeout(this.#tellTimer);
    return this.#inTurn(() => this.#stop());
  }

  async #asSet(): Promise<void> {
    const { isOn, port } = this.#settings;
    await this.#stop();
    this.#problem = null;
    if (this.#served === null && !isOn) return;
    const { services, taught } = this.#parts;
    const backend = {
      appVersion: services.host.appVersion,
      clientOf: (token: string) => this.tokens.clientOf(token),
      analyze: this.#lines.analyze.bind(this.#lines),
      feedback: async (...[feedback, { name }]: Parameters<Parameters<typeof startApi>[0]['feedback']>) => {
        await this.#feedback.give(feedback, name);
        this.#verdicts = null;
        taught();
      },
      metrics: () => this.#metrics(),
    };
    const limits = { ...this.#limits, perSecond: this.#settings.perSecond };
    try {
      this.#server = await startApi(backend, this.#served ?? port, limits);
      this.#lines.open();
      this.#teller.look();
    } catch (error) {
      this.#problem = toErrorData(error).message;
      if (toErrorData(error).code === 'INTERNAL') console.error('The API:', forStderr(error));
    }
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    await this.#lines.close();
    await server.close();
    this.#teller.look();
    await this.#teller.settled();
  }

  async #metrics(): Promise<Metrics> {
    const now = performance.now();
    if (!this.#verdicts || now - this.#verdicts.at > verdictsMs)
      this.#verdicts = { at: now, counted: this.#parts.services.store.call('api_verdicts', undefined) };
    const { truePositives, falsePositives } = await this.#verdicts.counted;
    return { ...this.#lines.figures, true_positives: truePositives, false_positives: falsePositives };
  }

  /** At most once a second: that lines came. */
  #tell(): void {
    this.#tellTimer ??= setTimeout(() => {
      this.#tellTimer = undefined;
      this.#parts.noteChange();
      this.#index();
    }, tellMs).unref();
  }

  /** For search, behind what comes. */
  #index(): void {
    if (this.#isIndexing) return;
    this.#isIndexing = true;
    indexInBackground(this.#parts.services, () => (this.#isIndexing = false));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
