/**
 * @file Everything that changes the threshold, one change at a time: the budget, the verdicts (fitted in the adapting process), putting a
 * version back, another model. Every change is a new version and is told, with what it did to the queue.
 */
import type { LearningWarning } from '../../shared/adaptProtocol.ts';
import type { Budget, Threshold } from '../../shared/thresholds.ts';
import { AppError, forStderr, toErrorData } from '../../shared/errors.ts';
import { learningKey, type LearningSettings } from '../../shared/learning.ts';
import { learningOf } from '../../shared/learningSchema.ts';
import { defaultPreset, isSamePreset, presetNames, type Preset } from '../../shared/presets.ts';
import { spreadBudget } from '../detect/budget.ts';
import type { NewThreshold } from '../store/protocol/learning.ts';
import type { AdaptClient } from './adaptClient.ts';
import { awaitedScores, awaitedText, type AwaitedScores } from './awaitedScores.ts';
import type { EventBus } from './eventBus.ts';
import { foldAgain } from './foldAgain.ts';
import type { ModelCard } from './keyModel.ts';
import { judgingOf } from './detection/taughtJudges.ts';
import { Gathering } from './gathering.ts';
import { Rescoring } from './rescoring.ts';
import { followed, ofBudget, putBack, withoutVersion } from './newVersions.ts';
import { budgetKey, budgetOf, keepPreset, presetKey } from './settings.ts';
import type { Services } from './services.ts';
import { fitTaught } from './taughtFit.ts';
import { budgetScoreOf, currentThreshold, followingKey, followsDrift } from './thresholdInForce.ts';
import { WaitingLessons } from './waitingLessons.ts';
import { counted } from './words.ts';

/** What happened to the threshold, given which way it went. */
type What = (direction: 'set' | 'raised' | 'lowered') => string;

export class Thresholds {
  readonly #services: Services;
  readonly #bus: EventBus;
  readonly #changed: () => Promise<void>;
  readonly #alertsMoved: () => Promise<void>;
  readonly #adapt: AdaptClient;
  readonly #rescoring: Rescoring;
  readonly #gathering: Gathering;
  readonly #waiting: WaitingLessons;
  /** Until logs are scored by the model that came in use, hardly a verdict is on an alert of its own. */
  #awaited: AwaitedScores | null = null;
  /** Why what verdicts teach was not applied, and why alerts are not folded as the threshold shows them. */
  readonly #problems: Record<'learning' | 'folding', string | null> = { learning: null, folding: null };
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    services: Services;
    bus: EventBus;
    adapt: AdaptClient;
    changed: () => Promise<void>;
    alertsMoved: () => Promise<void>;
  }) {
    this.#services = parts.services;
    this.#bus = parts.bus;
    this.#adapt = parts.adapt;
    this.#changed = parts.changed;
    this.#alertsMoved = parts.alertsMoved;
    this.#rescoring = new Rescoring(parts.services, parts.alertsMoved);
    this.#waiting = new WaitingLessons(parts.services);
    this.#gathering = new Gathering({
      inTurn: (work) => this.#inTurn(work),
      learn: () => this.#learnNow(),
      ended: (error) => this.#learned(error),
    });
    this.#adapt.onChanged = (isUp) => {
      void this.#changed();
      // What was decided meanwhile is learned then.
      if (isUp) this.refit();
    };
  }

  /** Why what verdicts teach is not in force; null where it is. */
  get problem(): string | null {
    if (!this.#adapt.isUp)
      return 'The process that learns from verdicts has ended and is started again. Verdicts are kept, and the threshold stays until it is back.';
    if (this.#awaited) return awaitedText(this.#awaited);
    const { learning, folding } = this.#problems;
    return this.#waiting.text ?? learning ?? folding ?? this.#rescoring.problem;
  }

  /** What of learning from the verdicts would blind: that part waits until somebody says that it is meant. */
  get pending(): readonly LearningWarning[] {
    return this.#waiting.warnings;
  }

  /** Learns what waits and was seen. */
  async confirmPending(seen: readonly LearningWarning[]): Promise<void> {
    const current = await currentThreshold(this.#services);
    await this.#waiting.confirm(current?.modelId ?? '', seen);
    this.refit();
    await this.settled();
  }

  /** Stored alerts are as the threshold in force judges, and folded so, whatever the app was doing when it ended. */
  async open(): Promise<void> {
    const current = await currentThreshold(this.#services);
    if (current) {
      const versions = await this.#services.store.call('list_thresholds', { modelId: current.modelId });
      // One in force that nothing was taught may have come after one that was.
      if (versions.some(({ isTaught }) => isTaught)) this.#rescoring.want(current);
    }
    void this.#inTurn(() => foldAgain(this.#services)).then(
      () => this.#changed(),
      (error: unknown) => console.error('Alerts were not folded again:', forStderr(error)),
    );
    // What was decided while nobody could learn.
    if (current) this.refit();
  }

  /** Alerts were stored that were judged by this version, which may no longer be the one in force. */
  async wasJudgedUnder(version: Threshold): Promise<void> {
    const current = await currentThreshold(this.#services);
    if (current?.modelId === version.modelId && judgingOf(current) !== judgingOf(version))
      this.#rescoring.want(current);
  }

  /** Fits the threshold to all verdicts so far, soon, after the changes asked for before. A move becomes a new version. */
  refit(): void {
    this.#gathering.want();
  }

  /** A job ended: it may have scored what was waited for. */
  jobEnded(): void {
    if (this.#awaited) this.refit();
  }

  #learned(error: unknown): void {
    if (error === undefined) return this.#setProblem('learning', null);
    const { code, message } = toErrorData(error);
    // Its end is told of by itself, and it is asked again when it is back.
    if (code === 'PROCESS_GONE') return;
    console.error('What verdicts teach was not applied:', forStderr(error));
    this.#setProblem('learning', `Verdicts are kept, but what they teach was not applied: ${message}`);
  }

  #setProblem(of: 'learning' | 'folding', problem: string | null): void {
    if (problem === this.#problems[of]) return;
    this.#problems[of] = problem;
    void this.#changed();
  }

  async learning(): Promise<LearningSettings> {
    return learningOf(await this.#services.store.call('get_setting', { key: learningKey }));
  }

  /** What verdicts teach is learned again under the new settings. */
  async setLearning(settings: LearningSettings): Promise<void> {
    const value = { key: learningKey, value: settings, actor: await this.#services.actor() };
    await this.#services.store.call('set_setting', value);
    this.refit();
    await this.#changed();
  }

  /** Spreads a new budget over the events the model learned from; what verdicts taught is fitted again on top of it. */
  setBudget(budget: Budget): Promise<void> {
    return this.#inTurn(async () => {
      const { store } = this.#services;
      const setting = { key: budgetKey, value: budget };
      const current = await currentThreshold(this.#services);
      const record = (await store.call('list_models', undefined)).find((model) => model.id === current?.modelId);
      if (!current || !record || current.preset.kind !== 'budget')
        await store.call('set_setting', { ...setting, actor: await this.#services.actor() });
      if (!current || !record) return;
      const { lineCount, durationMs } = record.card as ModelCard;
      if (current.preset.kind !== 'budget')
        throw new AppError(
          'CONFLICT',
          `The budget is kept and takes effect with the preset ${presetNames.budget}; ${presetNames[current.preset.kind]} has a rule of its own.`,
        );
      const spread = spreadBudget(budget, lineCount, durationMs);
      await this.#add(
        current,
        {
          ...ofBudget(current, spread),
          taught: current.taught ?? null,
          preset: defaultPreset,
          reason: 'budget',
          verdictCount: 0,
        },
        (direction) => `${direction} by the budget`,
        setting,
      );
      await this.#refitUnlessDown();
    });
  }

  /**
   * Judges by a preset from now on, as calibrated on so many events; that it is chosen and that it is in force is kept together. `rule`: what it takes
   * to break the preset's; null for the budget, on which verdicts are fitted again.
   */
  setPreset(
    preset: Preset,
    { calibrationEvents, rule }: { calibrationEvents: number; rule: Pick<Threshold, 'score' | 'meaning'> | null },
  ): Promise<void> {
    return this.#inTurn(async () => {
      const current = await currentThreshold(this.#services);
      if (!current || isSamePreset(current.preset, preset)) return keepPreset(this.#services, preset);
      const setting = { key: presetKey, value: preset };
      const what: What = (direction) => `${direction} by the preset ${presetNames[preset.kind]}`;
      const chosen = { reason: 'preset', preset, calibrationEvents, verdictCount: 0 } as const;
      if (rule) {
        await this.#add(current, { ...withoutVersion(current), ...rule, ...chosen }, what, setting);
        return;
      }
      const models = await this.#services.store.call('list_models', undefined);
      const record = models.find(({ id }) => id === current.modelId);
      if (!record) return keepPreset(this.#services, preset);
      const { lineCount, durationMs } = record.card as ModelCard;
      const spread = spreadBudget(await budgetOf(this.#services), lineCount, durationMs);
      await this.#add(
        current,
        { ...ofBudget({ modelId: current.modelId, calibrationEvents }, spread), ...chosen },
        what,
        setting,
      );
      await this.#refitUnlessDown();
    });
  }

  async setFollowing(isOn: boolean): Promise<void> {
    const value = { key: followingKey, value: isOn, actor: await this.#services.actor() };
    await this.#services.store.call('set_setting', value);
    await this.#changed();
  }

  /** Moves the threshold of a model to where it keeps to the budget on what comes now; bounded by who asks. A version, told as every other. */
  follow(modelId: string, shift: number): Promise<void> {
    return this.#inTurn(async () => {
      const current = await currentThreshold(this.#services);
      // One that was put back by hand stays where it is.
      const isMovable = current?.reason !== 'reverted' && current?.preset.kind === 'budget';
      if (current?.modelId !== modelId || !isMovable || !(await followsDrift(this.#services))) return;
      const { spread, shift: before } = await budgetScoreOf(this.#services, current);
      const next = followed(current, spread, { shift, before });
      await this.#add(current, next, (direction) => `${direction} to follow the log`);
    });
  }

  /** Puts an earlier version of the model in use in force again, where verdicts leave it until the budget is set. */
  revert(version: number): Promise<void> {
    return this.#inTurn(async () => {
      const earlier = await this.#services.store.call('get_threshold', { version });
      if (!earlier) throw new AppError('NOT_FOUND', `There is no threshold v${version}.`);
      const current = await currentThreshold(this.#services);
      if (current && current.modelId !== earlier.modelId) {
        throw new AppError('CONFLICT', `Threshold v${version} belongs to another model. Use that model again instead.`);
      }
      const { preset } = earlier;
      const isOther = current && !isSamePreset(current.preset, preset);
      const setting = isOther ? { key: presetKey, value: preset } : undefined;
      await this.#add(current, putBack(withoutVersion(earlier)), () => `v${version} put back`, setting);
    });
  }

  /** Puts a model in use with the threshold it had last: `use` does, or leaves the one before, whose threshold it is told. */
  useModel(use: (before: Threshold | undefined) => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      const before = await currentThreshold(this.#services);
      await use(before);
      const now = await currentThreshold(this.#services);
      this.#awaited = now ? await awaitedScores(this.#services, now.modelId) : null;
      if (now && now.version !== before?.version) await this.#tell(before, now, () => 'that of the model now in use');
    });
  }

  /** Resolves when every change asked for so far is made. */
  async settled(): Promise<void> {
    this.#gathering.hurry();
    await this.#last;
  }

  /** And when stored alerts are as it judges. */
  async rescored(): Promise<void> {
    await this.settled();
    await this.#rescoring.settled();
  }

  async close(): Promise<void> {
    await this.settled();
    await this.#rescoring.close();
    await this.#adapt.close();
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #learnNow(): Promise<void> {
    // What a verdict made a known threat of does not stay under what is less severe, whether or not it teaches anything.
    if (await this.#foldAgain()) await this.#alertsMoved();
    await this.#refitNow();
  }

  /** Behind another change, which stands though nobody can learn now. */
  #refitUnlessDown(): Promise<void> {
    return this.#refitNow().catch((error: unknown) => this.#learned(error));
  }

  async #refitNow(): Promise<void> {
    const before = this.problem;
    try {
      await this.#refitUnlessAwaiting();
    } finally {
      if (this.problem !== before) await this.#changed();
    }
  }

  async #refitUnlessAwaiting(): Promise<void> {
    const current = await currentThreshold(this.#services);
    this.#awaited = current ? await awaitedScores(this.#services, current.modelId) : null;
    if (this.#awaited) return;
    if (!current || current.reason === 'reverted' || current.preset.kind !== 'budget') {
      // Nothing is learned, and nothing of it waits.
      this.#waiting.warnings = [];
      return;
    }
    const [settings, meant] = await Promise.all([this.learning(), this.#waiting.meantOf(current.modelId)]);
    const { warnings, taught } = await fitTaught(this.#services, this.#adapt, { current, settings, meant });
    this.#waiting.warnings = warnings;
    if (!taught) return;
    const why =
      taught.verdictCount > 0
        ? ` by ${counted(taught.verdictCount, 'verdict')}`
        : ', as no verdict stands on its alerts';
    const next = { ...withoutVersion(current), ...taught, reason: 'verdicts' as const };
    await this.#add(current, next, (direction) => `${direction}${why}`);
  }

  async #foldAgain(): Promise<boolean> {
    const hasMoved = await foldAgain(this.#services);
    this.#setProblem('folding', null);
    return hasMoved;
  }

  /** `setting`: what it follows from, which changes with it or not at all. */
  async #add(
    before: Threshold | undefined,
    threshold: Omit<NewThreshold, 'createdAt'>,
    what: What,
    setting?: { key: string; value: unknown },
  ): Promise<void> {
    const { store, host } = this.#services;
    const added = await store.call('add_threshold', {
      threshold: { ...threshold, createdAt: host.now() },
      ...(setting ? { setting } : {}),
      actor: await this.#services.actor(),
    });
    await this.#tell(before, added, what);
  }

  /** The change stands, whether or not what follows from it can be done now. */
  async #tell(before: Threshold | undefined, now: Threshold, what: What): Promise<void> {
    if (before?.modelId === now.modelId && judgingOf(before) !== judgingOf(now)) this.#rescoring.want(now);
    try {
      await this.#tellMoved(before, now, what);
    } catch (error) {
      console.error('What a threshold changed was not told:', forStderr(error));
      const { message } = toErrorData(error);
      this.#setProblem(
        'folding',
        `Threshold v${now.version} is in force, and alerts are not folded by it yet: ${message}`,
      );
    }
  }

  async #tellMoved(before: Threshold | undefined, now: Threshold, what: What): Promise<void> {
    const openAt = async (minScore: number): Promise<number> => {
      const counts = await this.#services.store.call('alert_counts', { minScore });
      return counts.open;
    };
    const shownBefore = before ? await openAt(before.score) : 0;
    // What is shown is never counted by what is not.
    await this.#foldAgain();
    const moved = before ? (await openAt(now.score)) - shownBefore : 0;
    const alerts = counted(Math.abs(moved), 'open alert');
    const effect = moved === 0 ? '' : ` ${alerts} ${moved < 0 ? 'fell below it' : 'came above it'}.`;
    const direction = !before || now.score === before.score ? 'set' : now.score > before.score ? 'raised' : 'lowered';
    const isReweighed = JSON.stringify(before?.taught?.weights ?? null) !== JSON.stringify(now.taught?.weights ?? null);
    const weights = isReweighed && before?.modelId === now.modelId ? `; weights v${now.version}` : '';
    const text = `Threshold v${now.version}: ${what(direction)}${weights}.${effect} ${now.meaning}`;
    const { version, reason } = now;
    this.#bus.publish('threshold.changed', { version, reason, text, openMoved: moved }, String(version));
    await (before?.modelId === now.modelId ? this.#alertsMoved() : this.#changed());
  }
}
