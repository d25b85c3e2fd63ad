/**
 * @file A model over the alerts that are kept: the score that each would have. Equal windows are scored once. What depends on the model is made
 * anew, the votes of the other detectors are those of the alert.
 */
import { logitsOf, type WindowClassifier } from '../detection/windowClassifier.ts';
import { TaughtJudges, type TaughtVersion } from '../detection/taughtJudges.ts';
import type { DetectorId, Vote } from '../../../shared/detectors.ts';
import { AppError } from '../../../shared/errors.ts';
import { keyTokens, packSequences } from '../../../shared/sequences.ts';
import type { StoreMethods } from '../../store/protocol.ts';
import type { TemplateRecord } from '../../store/protocol/sources.ts';
import { groupKeyOf } from '../../detect/groups.ts';
import { leastVote } from '../../detect/ownRows.ts';
import { contextLengthOf, kindOf, type KeyModel } from '../keyModel.ts';
import type { Services } from '../services.ts';
import { alertWindows, type AlertFacts, type AlertWindow } from './windows.ts';

export type Replayed = { alert: AlertFacts; after: number };

export type ReplayOptions = {
  templates: ReadonlyMap<number, TemplateRecord>;
  decidedOnly: boolean;
  /** The version that the model judges by. */
  version: TaughtVersion;
  signal: AbortSignal;
  /** Hears of every alert once. */
  onAlert: (replayed: Replayed) => void;
  onProgress?: (done: number, of: number) => void;
};

/** Few enough that an analyst who asks for an alert does not notice that the store reads others in between. */
const alertsPerCall = 250;
/** What looks at one event by what models say of it. What is said of a whole stretch needs more of the session than a window has. */
const ofModel: readonly DetectorId[] = ['key', 'key_rank', 'labelled'];

/** Answers how many alerts there were, and how many distinct windows. */
export async function replayAlerts(
  services: Services,
  model: KeyModel,
  options: ReplayOptions,
): Promise<{ alerts: number; distinctWindows: number }> {
  const { store } = services;
  const { decidedOnly, signal, onAlert, onProgress } = options;
  const contextLength = contextLengthOf(model.card);
  const numbers = await store.call('list_alert_numbers', { decidedOnly }, { signal });
  const windows = new WindowBits(services, model, signal);
  const { judges } = await new TaughtJudges(services).under(model, options.version);
  const rescorer = new Rescorer(model, judges, options.templates);
  const read = (from: number): Promise<StoreMethods['read_alert_windows']['output']> => {
    const part = numbers.slice(from, from + alertsPerCall);
    const page = store.call('read_alert_windows', { numbers: part, events: contextLength }, { signal });
    page.catch(() => undefined); // heard where it is waited for, unless the engine fails first
    return page;
  };
  let alerts = 0;
  let next = read(0);
  for (let from = 0; from < numbers.length; from += alertsPerCall) {
    const page = await next;
    // While one is scored the next is read.
    if (from + alertsPerCall < numbers.length) next = read(from + alertsPerCall);
    const own = alertWindows(page, model.vocabulary, contextLength);
    const bits = await windows.of(own.flatMap(({ ids, end }) => (end === null ? [ids] : [ids, end])));
    const { classifier } = model.detection;
    const logits = classifier && (await lastLogits(services, classifier, own, signal));
    let place = 0;
    own.forEach((window, index) => {
      const event = bits[place++] ?? 0;
      const end = window.end === null ? null : (bits[place++] ?? 0);
      const said = { event, end, logit: logits?.[index] ?? Number.NaN };
      onAlert({ alert: window.alert, after: rescorer.score(window, said, windows.graph) });
    });
    alerts += own.length;
    onProgress?.(alerts, numbers.length);
    if (signal.aborted) throw new AppError('CANCELLED', 'Cancelled.');
  }
  return { alerts, distinctWindows: windows.count };
}

/** Of the last event of each. */
async function lastLogits(
  services: Services,
  classifier: WindowClassifier,
  windows: readonly AlertWindow[],
  signal: AbortSignal,
): Promise<number[]> {
  const { length } = classifier.state;
  const sequences = packSequences(windows.map(({ ids }) => ids.slice(-length)));
  const logits = await logitsOf(services.engine(), classifier, sequences, signal);
  return windows.map((_, index) => logits[(sequences.offsets[index + 1] ?? 0) - 1] ?? Number.NaN);
}

/** The model's bits of the last token of windows; of equal ones once. */
class WindowBits {
  readonly #services: Services;
  readonly #model: KeyModel;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, number>();
  graph: keyof KeyModel['calibrations'] = 'f32';

  constructor(services: Services, model: KeyModel, signal: AbortSignal) {
    this.#services = services;
    this.#model = model;
    this.#signal = signal;
  }

  get count(): number {
    return this.#known.size;
  }

  /** In the order asked for. */
  async of(windows: readonly number[][]): Promise<number[]> {
    const keys = windows.map((ids) => ids.join());
    const unknown = new Map<string, number[]>();
    keys.forEach((key, index) => {
      if (!this.#known.has(key)) unknown.set(key, windows[index] ?? []);
    });
    // One that only counts has no bits.
    if (unknown.size > 0 && this.#model.card.shape !== null) {
      const sequences = packSequences([...unknown.values()]);
      const asked = { modelId: this.#model.id, sequences };
      const { bits, graph } = await this.#services.engine().call('score', asked, { signal: this.#signal });
      this.graph = graph;
      let index = 0;
      for (const key of unknown.keys()) this.#known.set(key, bits[(sequences.offsets[++index] ?? 0) - 1] ?? 0);
    }
    return keys.map((key) => this.#known.get(key) ?? 0);
  }
}

/** Bits of an alert's event and, where it ended its session, of the end; a classifier's logit of the window up to it, NaN without one. */
type Said = { event: number; end: number | null; logit: number };

/** From what models say of an alert's event to its -log10 p. */
class Rescorer {
  readonly #model: KeyModel;
  readonly #judges: KeyModel['detection']['judges'];
  readonly #templates: ReadonlyMap<number, TemplateRecord>;
  /** By the column of `ofModel`. */
  readonly #detectors: { id: DetectorId; column: number }[];

  constructor(
    model: KeyModel,
    judges: KeyModel['detection']['judges'],
    templates: ReadonlyMap<number, TemplateRecord>,
  ) {
    this.#model = model;
    this.#judges = judges;
    this.#templates = templates;
    const { ids } = model.detection.set;
    this.#detectors = ofModel.flatMap((id) => (ids.includes(id) ? [{ id, column: ids.indexOf(id) }] : []));
  }

  score(window: AlertWindow, { event, end, logit }: Said, graph: keyof KeyModel['calibrations']): number {
    const { alert, ids, kind, templateIndex, severity } = window;
    const { detection, kinds } = this.#model;
    const judge = this.#judges[graph];
    const template = this.#templates.get(templateIndex);
    const token = ids.at(-1) ?? keyTokens.unseen;
    const own = token === keyTokens.unseen ? event + kinds.bits(kindOf(template, severity)) : event;
    const part = {
      ids: Int32Array.of(token, keyTokens.end),
      bits: Float32Array.of(own, end ?? 0),
      logits: Float32Array.of(logit, Number.NaN),
      ...{
        first: 0,
        count: 1,
        firstEvent: alert.place,
        kinds: [kind],
        hasEnd: end !== null,
        isLast: end !== null,
      },
    };
    const votes: Vote[] = alert.votes.filter(({ detector }) => !ofModel.includes(detector));
    const score = new Float32Array(1);
    for (const { id, column } of this.#detectors) {
      score[0] = Number.NaN;
      detection.set.session[column]?.(false).score(part, score);
      votes.push({ detector: id, score: judge.ownOf(id, score[0] ?? Number.NaN) });
    }
    // As kept: what is no vote adds nothing, unless it is all there is.
    const counted = votes.filter(({ score: own }) => own >= leastVote);
    return (
      judge.scoreOfVotes(counted.length > 0 ? counted : votes, groupKeyOf(alert.format, template?.prefixHash ?? 0)) ?? 0
    );
  }
}
