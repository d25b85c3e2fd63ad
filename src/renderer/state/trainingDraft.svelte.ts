/** @file A training that is being put together: what, from which logs, how, and what it would take. An estimate is shown only for what is chosen now. */
import { SvelteSet } from 'svelte/reactivity';
import type { KeyModelSize, Model, TrainingEstimate } from '../../shared/models.ts';
import type { Source } from '../../shared/sources.ts';
import type { RouteInput } from '../../shared/routes.ts';
import type { TextReads } from '../../shared/textModels.ts';
import type { TrainProvider } from '../../shared/trainerProtocol.ts';
import type { Transport } from '../transport/transport.ts';
import { isTunable } from './models.svelte.ts';
import { messageOf } from './problems.ts';

type TrainingInput = RouteInput<'models.train'>;
export type TrainingChoice = KeyModelSize | 'text' | 'fine_tune';
export type EstimateState =
  | { state: 'none' }
  | { state: 'trying' }
  | { state: 'known'; estimate: TrainingEstimate }
  | { state: 'failed'; message: string };

/** A choice that has not changed for so long is settled. */
export const settledMs = 500;
const mostEpochs = 200;
const mostSeed = 2 ** 31;
/** In place of a name that is not there yet: what training takes does not depend on it. */
const unnamed = 'unnamed';

export class TrainingDraft {
  choice = $state<TrainingChoice>('key_s');
  parentId = $state<string | null>(null);
  method = $state<'lora' | 'full'>('lora');
  reads = $state<TextReads>('lines');
  readonly sourceIds = new SvelteSet<number>();
  /** Null: the name that is offered. */
  typedName = $state<string | null>(null);
  /** Null in a field that is empty: as usual. */
  maxEpochs = $state<number | null>(null);
  seed = $state<number | null>(null);
  /** Null: the GPU where it was tried, agrees and is faster, else the CPU. */
  provider = $state<TrainProvider | null>(null);
  isStarting = $state(false);
  refusal = $state<string | null>(null);
  readonly sources: readonly Source[];
  readonly parents: readonly Model[];
  readonly #takenNames: ReadonlySet<string>;
  readonly #transport: Transport;
  #answered = $state.raw<{ key: string; result: EstimateState }>({ key: '', result: { state: 'none' } });
  #wanted: TrainingInput | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isOver = false;

  readonly isNamed = $derived(this.choice === 'text' || this.choice === 'fine_tune');
  readonly name = $derived(this.typedName ?? this.#offeredName());
  /** What to do before an estimate can be made; null where nothing is missing. */
  readonly missing = $derived.by(() => {
    if (this.choice === 'fine_tune' && !this.#parent()) return 'Choose the text model to go on from.';
    if (this.sourceIds.size === 0) return 'Choose at least one log to learn from.';
    if (!isWhole(this.maxEpochs, 1, mostEpochs)) return `Epochs are a whole number from 1 to ${mostEpochs}.`;
    if (!isWhole(this.seed, 0, mostSeed)) return 'The seed is a whole number from 0 up.';
    return null;
  });
  readonly nameProblem = $derived.by(() => {
    if (!this.isNamed) return null;
    const name = this.name.trim();
    if (name === '') return 'A text model needs a name.';
    if (/^m\d+$/.test(name)) return 'Names like m1 are the numbers of models.';
    return this.#takenNames.has(name) ? 'Another text model has this name.' : null;
  });
  /** What the estimate is asked for: the name is no part of it, and neither is the seed. */
  readonly #question = $derived.by((): TrainingInput | null =>
    this.missing === null ? this.#input(unnamed, null) : null,
  );
  readonly #key = $derived(JSON.stringify(this.#question));
  readonly estimate = $derived.by((): EstimateState => {
    if (this.#question === null) return { state: 'none' };
    return this.#answered.key === this.#key ? this.#answered.result : { state: 'trying' };
  });

  constructor(
    transport: Transport,
    known: { sources: readonly Source[]; models: readonly Model[] },
    parentId?: string,
  ) {
    this.#transport = transport;
    this.sources = known.sources.filter((source) => source.state !== 'importing').toReversed();
    const texts = known.models.filter((model) => model.kind === 'text');
    this.parents = known.models.filter(isTunable).toReversed();
    this.#takenNames = new Set(texts.flatMap(({ name, state }) => (name === null || state === 'failed' ? [] : [name])));
    this.parentId = parentId ?? this.parents[0]?.id ?? null;
    if (parentId !== undefined) {
      this.choice = 'fine_tune';
      this.reads = this.#parent()?.reads ?? 'lines';
    }
    const unscored = this.sources.filter((source) => source.scoredAt === null);
    for (const { id } of unscored.length > 0 ? unscored : this.sources.slice(0, 1)) this.sourceIds.add(id);
  }

  chooseAll(): void {
    for (const { id } of this.sources) this.sourceIds.add(id);
  }

  flip(sourceId: number): void {
    if (!this.sourceIds.delete(sourceId)) this.sourceIds.add(sourceId);
  }

  /** Asks what it would take, once the choice has settled. Called whenever it may have changed. */
  settle(): void {
    const question = this.#question;
    this.#wanted = null;
    clearTimeout(this.#timer);
    if (question === null || this.#answered.key === this.#key) return;
    this.#timer = setTimeout(() => {
      this.#wanted = question;
      void this.#ask();
    }, settledMs);
  }

  /** The same question once more. */
  tryAgain(): void {
    this.#answered = { key: '', result: { state: 'none' } };
    this.settle();
  }

  /** The dialog is closed: nothing more is asked. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** Starts it and says whether that worked; why not stands in `refusal`. */
  async start(): Promise<boolean> {
    if (this.isStarting || this.missing !== null || this.nameProblem !== null) return false;
    this.isStarting = true;
    this.refusal = null;
    try {
      await this.#transport.request('models.train', this.#input(this.name.trim(), this.seed));
      return true;
    } catch (error) {
      this.refusal = messageOf(error);
      return false;
    } finally {
      this.isStarting = false;
    }
  }

  /** One question at a time: each takes the processor for seconds. A choice made meanwhile is asked for when the answer is there. */
  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#wanted !== null && !this.#isOver) {
      const input = this.#wanted;
      this.#wanted = null;
      const result = await this.#transport.request('models.estimate', input).then(
        (estimate): EstimateState => ({ state: 'known', estimate }),
        (error: unknown): EstimateState => ({ state: 'failed', message: messageOf(error) }),
      );
      this.#answered = { key: JSON.stringify(input), result };
    }
    this.#isAsking = false;
  }

  #parent(): Model | undefined {
    return this.parents.find(({ id }) => id === this.parentId);
  }

  #input(name: string, seed: number | null): TrainingInput {
    const { choice, method, reads, maxEpochs, provider } = this;
    return {
      sourceIds: this.sources.flatMap(({ id }) => (this.sourceIds.has(id) ? [id] : [])),
      plan:
        choice === 'text'
          ? { kind: 'text', name, reads }
          : choice === 'fine_tune'
            ? { kind: 'fine_tune', name, reads, parentId: this.parentId ?? '', method }
            : { kind: 'keys', size: choice },
      ...(maxEpochs === null ? {} : { maxEpochs }),
      ...(seed === null ? {} : { seed }),
      ...(provider === null ? {} : { provider }),
    };
  }

  #offeredName(): string {
    const first = this.sources.find(({ id }) => this.sourceIds.has(id))?.name ?? '';
    const base =
      this.choice === 'fine_tune'
        ? `${this.#parent()?.name ?? ''} tuned`
        : `${this.reads === 'windows' ? 'windows' : 'text'} of ${first}`;
    const short = base.trim().slice(0, 180);
    for (let number = 1; ; number++) {
      const name = number === 1 ? short : `${short} ${number}`;
      if (!this.#takenNames.has(name)) return name;
    }
  }
}

/** An empty field is as usual; what is half typed is no number. */
function isWhole(value: number | null, least: number, most: number): boolean {
  return value === null || (Number.isInteger(value) && value >= least && value <= most);
}
