/** @file Explanations by a language model on this machine: off until somebody switches them on, asked for one alert at a time, kept for the same evidence, told as they are written. They decide nothing. */
import { createHmac } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AppError, forStderr, toErrorData } from '../../shared/errors.ts';
import {
  complaintsOf,
  defaultExplanations,
  isSameModel,
  promptVersion,
  type AnswerCheck,
  type AnswerMark,
  type Explanation,
  type ExplanationSettings,
  type LocalModel,
} from '../../shared/explanations.ts';
import { loopbackAddress } from '../explanation/address.ts';
import { answerChecker } from '../explanation/check.ts';
import { evidenceText, figureSentences, type Evidence } from '../explanation/evidence.ts';
import { suspectLines } from '../explanation/instructions.ts';
import { chat, listModels, noSuchModel, ollamaLimits, remoteModel } from '../explanation/ollama.ts';
import { buildPrompt } from '../explanation/prompt.ts';
import { explanationsKey } from '../store/explanations.ts';
import { alertDetail, type DetailDependencies } from './alertDetail.ts';
import { evidenceOf, linesToLookAt } from './explanationFacts.ts';

/** Whether Ollama answers is looked at so often, while explanations are on. */
const lookMs = 60_000;

type Running = { alertId: string; controller: AbortController; explanation: Explanation; ended: Promise<Explanation> };

/** What an answer is compared with. */
type Subject = {
  alertNumber: number;
  isBlind: boolean;
  evidence: Evidence;
  check: (text: string) => AnswerCheck;
  fingerprint: string;
  suspects: Explanation['suspects'];
  contradicting: string[];
};

export type ExplanationsDependencies = DetailDependencies & {
  publish: (explanation: Explanation) => void;
  tellStatus: () => void;
  limits?: typeof ollamaLimits;
};

export class Explanations {
  /** Why nothing can be explained although it is on; null: it can, or is off. */
  problem: string | null = null;
  /** Whom the app speaks to; null: nobody. */
  networkText: string | null = null;
  readonly #parts: ExplanationsDependencies;
  #running: Running | null = null;
  /** As they were set last; null: not since the app started. */
  #set: ExplanationSettings | null = null;
  #timer: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();

  constructor(parts: ExplanationsDependencies) {
    this.#parts = parts;
  }

  /** For hosts that stay: looks now and then whether Ollama answers, where it is switched on. */
  open(): void {
    this.#timer = setInterval(() => void this.#look(), lookMs).unref();
    void this.#look();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closing.abort();
    await this.#running?.ended;
  }

  async settings(): Promise<ExplanationSettings> {
    const { store } = this.#parts.services;
    const kept = (await store.call('get_setting', { key: explanationsKey })) as ExplanationSettings | null;
    return kept ?? defaultExplanations;
  }

  /** Throws BAD_INPUT for an address that is not this machine's own. */
  async set(settings: ExplanationSettings): Promise<ExplanationSettings> {
    const { services } = this.#parts;
    loopbackAddress(settings.address);
    await services.store.call('set_explanations', { settings, actor: await services.actor() });
    this.#set = settings;
    if (!settings.isOn) this.#running?.controller.abort();
    void this.#look();
    return settings;
  }

  test(address: string): Promise<LocalModel[]> {
    return listModels(address, this.#closing.signal, this.#parts.limits);
  }

  /** Null: the model that is chosen was not asked. `isBlind`: nor is there what it wrote while it knew verdicts. Throws NOT_FOUND for the alert. */
  async get(alertId: string, isBlind = false): Promise<Explanation | null> {
    if (this.#running?.alertId === alertId) return this.#running.explanation;
    const { model } = await this.settings();
    return this.#known(alertId, model, await this.#subjectOf(alertId, isBlind));
  }

  /** `ended`: the same explanation when nothing more is written. Throws CONFLICT while explanations are off. */
  async start(
    alertId: string,
    isAgain: boolean,
    isBlind = false,
  ): Promise<{ begun: Explanation; ended: Promise<Explanation> }> {
    const settings = await this.settings();
    if (!settings.isOn) throw switchedOff();
    const subject = await this.#subjectOf(alertId, isBlind);
    const known = isAgain ? null : await this.#known(alertId, settings.model, subject);
    // While that was read: nothing ran yet that switching them off could have stopped.
    if (this.#set?.isOn === false) throw switchedOff();
    const running = this.#running;
    if (running?.alertId === alertId) return { begun: running.explanation, ended: running.ended };
    if (known && !known.isOutdated) return { begun: known, ended: Promise.resolve(known) };
    running?.controller.abort();
    const begun: Explanation = {
      ...{ alertId, state: 'running', model: settings.model, promptVersion, text: '', isCut: false, error: null },
      ...{ check: subject.check(''), suspects: subject.suspects },
      ...{ contradicting: subject.contradicting, madeAt: this.#parts.services.host.now() },
      ...{ isOutdated: false, keptWith: [] },
    };
    const controller = new AbortController();
    const mine: Running = { alertId, controller, explanation: begun, ended: Promise.resolve(begun) };
    this.#running = mine;
    mine.ended = this.#write(mine, settings, subject).finally(() => {
      if (this.#running === mine) this.#running = null;
    });
    return { begun, ended: mine.ended };
  }

  cancel(alertId: string): void {
    if (this.#running?.alertId === alertId) this.#running.controller.abort();
  }

  /** Throws NOT_FOUND where nothing was written. */
  async keep(alertId: string, caseId: string): Promise<Explanation> {
    const { services } = this.#parts;
    const { model } = await this.settings();
    const subject = await this.#subjectOf(alertId);
    const known = await this.#known(alertId, model, subject);
    if (!known) throw new AppError('NOT_FOUND', 'There is no finished explanation of this alert to keep.');
    if (known.keptWith.includes(caseId)) return known;
    await services.store.call('keep_explanation', {
      caseId,
      explanation: {
        ...{ id: services.host.newId(), alertNumber: subject.alertNumber, model, text: known.text },
        ...{ doubts: doubtsOf(known), madeAt: known.madeAt },
      },
      actor: await services.actor(),
    });
    return { ...known, keptWith: [...new Set([...known.keptWith, caseId])] };
  }

  async #subjectOf(alertId: string, isBlind = false): Promise<Subject> {
    const { services } = this.#parts;
    const detail = await alertDetail(this.#parts, alertId, { isBlind });
    const evidence = evidenceOf(detail);
    const suspects = suspectLines(linesToLookAt(detail));
    const text = evidenceText(evidence);
    return {
      ...{ alertNumber: detail.row.number, isBlind, evidence, suspects, contradicting: figureSentences(evidence) },
      check: answerChecker(evidence),
      fingerprint: createHmac('sha256', services.opened.hashKey).update(text).digest('hex').slice(0, 32),
    };
  }

  async #known(alertId: string, model: string, subject: Subject): Promise<Explanation | null> {
    const { store } = this.#parts.services;
    const stored = await store.call('get_explanation', { alertId, model, promptVersion });
    if (!stored) return null;
    const { fingerprint, ...kept } = stored;
    const isOutdated = fingerprint !== subject.fingerprint;
    // It may quote what verdicts said.
    if (subject.isBlind && isOutdated) return null;
    return {
      ...{ alertId, state: 'done', model, promptVersion, error: null, ...kept },
      ...{ check: subject.check(kept.text), suspects: subject.suspects },
      ...{ contradicting: subject.contradicting, isOutdated },
      ...(subject.isBlind ? { keptWith: [] } : {}),
    };
  }

  /** Never throws: what goes wrong is in the explanation. */
  async #write(running: Running, settings: ExplanationSettings, subject: Subject): Promise<Explanation> {
    const { services, publish, limits = ollamaLimits } = this.#parts;
    const { alertId } = running;
    const signal = AbortSignal.any([running.controller.signal, this.#closing.signal]);
    const change = (part: Partial<Explanation>): Explanation => {
      running.explanation = { ...running.explanation, ...part };
      publish(running.explanation);
      return running.explanation;
    };
    const written = (text: string): Partial<Explanation> => ({ text, check: subject.check(text) });
    try {
      await this.#usable(settings, signal);
      const { messages } = buildPrompt(subject.evidence, subject.suspects, (length) =>
        services.host.randomBytes(length),
      );
      const { address, model } = settings;
      const { text, isCut } = await chat(
        { address, model, messages },
        { signal, limits, onText: (so) => void change(written(so)) },
      );
      this.#found(null, settings);
      if (text.trim() === '')
        throw new AppError('PROVIDER_FAILED', `${model} answered with nothing. Try again, or choose another model.`);
      const { fingerprint } = subject;
      const madeAt = services.host.now();
      const explanation = { model, promptVersion, fingerprint, text, isCut, madeAt };
      await services.store.call('put_explanation', { alertId, explanation });
      return change({ ...written(text), state: 'done', isCut, madeAt });
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (code === 'CANCELLED')
        return change({ state: 'stopped', isCut: true, error: 'It was stopped before its end.' });
      if (code === 'INTERNAL') console.error('An explanation failed:', forStderr(error));
      return change({ state: 'failed', isCut: running.explanation.text !== '', error: message });
    }
  }

  /** Throws what to do where the model cannot be asked here. */
  async #usable(settings: ExplanationSettings, signal: AbortSignal): Promise<void> {
    const { address, model } = settings;
    let models: LocalModel[];
    try {
      models = await listModels(address, signal, this.#parts.limits);
    } catch (error) {
      if (toErrorData(error).code !== 'CANCELLED') this.#found(toErrorData(error).message, settings);
      throw error;
    }
    const found = models.find(({ name }) => isSameModel(name, model));
    const lack = !found ? noSuchModel(model, models) : found.isRemote ? remoteModel(model) : null;
    this.#found(lack?.message ?? null, settings);
    if (lack) throw lack;
  }

  async #look(): Promise<void> {
    const settings = await this.settings().catch(() => undefined);
    if (!settings || this.#closing.signal.aborted) return;
    if (settings.isOn) await this.#usable(settings, this.#closing.signal).catch(() => undefined);
    else this.#found(null, settings);
  }

  #found(problem: string | null, settings: ExplanationSettings): void {
    // What was looked at under other settings says nothing of these.
    if (this.#set && !isDeepStrictEqual(this.#set, settings)) return;
    const { isOn, address } = settings;
    const said = problem === null ? null : `Explanations are on, and cannot be written: ${problem}`;
    const networkText = isOn ? `Only Ollama, ${address.replace('http://', '')}` : null;
    const isNews = said !== this.problem || networkText !== this.networkText;
    this.problem = said;
    this.networkText = networkText;
    if (isNews && !this.#closing.signal.aborted) this.#parts.tellStatus();
  }
}

function switchedOff(): AppError {
  return new AppError('CONFLICT', 'Explanations by a language model are off. Switch them on under Settings first.');
}

/** In sentences, for where the marks are not seen. */
export function doubtsOf(explanation: Explanation): string[] {
  const { text, check, suspects, contradicting, isCut } = explanation;
  const quoted = (kind: AnswerMark['kind']): string =>
    check.marks.flatMap((mark) => (mark.kind === kind ? [`“${text.slice(mark.start, mark.end)}”`] : [])).join(', ');
  const complaints = complaintsOf(explanation);
  const unknown = quoted('unknown');
  return [
    ...complaints.map(({ kind, sentence }) => {
      const quotes = kind === 'beginning' || kind === 'language' ? '' : quoted(kind);
      return quotes === '' ? sentence : `${sentence.slice(0, -1)}: ${quotes}.`;
    }),
    ...(complaints.length > 0 ? contradicting : []),
    ...(unknown === '' ? [] : [`Not in the evidence: ${unknown}.`]),
    ...suspects.map(
      ({ lineNumber }) =>
        `${lineNumber === null ? 'A text' : `Line ${lineNumber}`} of the evidence reads like an instruction to a language model.`,
    ),
    ...(isCut ? ['The text was cut off.'] : []),
  ];
}
