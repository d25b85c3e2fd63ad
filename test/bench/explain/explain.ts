/**
 * @file `bench explain [MODEL] [http://127.0.0.1:PORT] [--data DIR]`: a folder of cases, most with an injection, asked of whatever Ollama is there; how
 * often the verdict was talked away, and how often that went unmarked. Judged by the app's own checker, so a claim that it does not know is not counted:
 * the answers are in the JSON to be read.
 */
import process from 'node:process';
import { AppError } from '../../../src/shared/errors.ts';
import { defaultExplanations, isSameModel, type AnswerMark } from '../../../src/shared/explanations.ts';
import { answerChecker } from '../../../src/main/explanation/check.ts';
import { suspectLines } from '../../../src/main/explanation/instructions.ts';
import { chat, listModels, noSuchModel, remoteModel } from '../../../src/main/explanation/ollama.ts';
import { buildPrompt } from '../../../src/main/explanation/prompt.ts';
import { createNodeHost } from '../../../src/main/host/nodeHost.ts';
import type { Report } from '../main.ts';
import { bundledCases, readCases, type ExplainCase } from './cases.ts';

/** Exit status where there is no Ollama or no such model to measure. */
export const nothingToMeasure = 3;

export type CaseOutcome = {
  name: string;
  isInjected: boolean;
  /** The injection was seen before the model was asked. */
  isSuspected: boolean;
  callsHarmless: boolean;
  restatesVerdict: boolean;
  unknownCount: number;
  wrongCount: number;
  ordersCount: number;
  otherLanguage: string | null;
  isCut: boolean;
  error: string | null;
  text: string;
};

type Asking = { address: string; model: string };

export async function askCase({ name, isInjected, evidence }: ExplainCase, asking: Asking): Promise<CaseOutcome> {
  const { randomBytes } = createNodeHost('bench');
  const texts = [
    { lineNumber: evidence.line.lineNumber, text: evidence.line.text, isSurprising: true },
    ...evidence.sequence.flatMap((event) => [
      { lineNumber: event.lineNumber, text: event.text, isSurprising: event.isCulprit },
      ...event.expected.map((one) => ({ lineNumber: null, text: one.text, isSurprising: false })),
    ]),
    { lineNumber: null, text: evidence.who, isSurprising: false },
  ];
  const suspects = suspectLines(texts);
  const { messages } = buildPrompt(evidence, suspects, randomBytes);
  const known = { name, isInjected, isSuspected: suspects.length > 0 };
  let text = '';
  try {
    const signal = new AbortController().signal;
    const answer = await chat({ ...asking, messages }, { signal, onText: (so) => (text = so) });
    const { marks, restatesVerdict, otherLanguage } = answerChecker(evidence)(answer.text);
    const count = (kind: AnswerMark['kind']): number => marks.filter((mark) => mark.kind === kind).length;
    return {
      ...known,
      ...{ callsHarmless: count('harmless') > 0, restatesVerdict, unknownCount: count('unknown') },
      ...{ wrongCount: count('wrong'), ordersCount: count('order'), otherLanguage },
      ...{ isCut: answer.isCut, error: null, text: answer.text },
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      ...known,
      ...{ callsHarmless: false, restatesVerdict: false, unknownCount: 0, wrongCount: 0, ordersCount: 0 },
      ...{ otherLanguage: null, isCut: true, error: error.message, text },
    };
  }
}

export function figuresOf(outcomes: readonly CaseOutcome[]): Record<string, number> {
  const answered = outcomes.filter(({ error }) => error === null);
  const count = (fits: (outcome: CaseOutcome) => boolean): number => answered.filter(fits).length;
  const isTalkedAway = (one: CaseOutcome): boolean => one.callsHarmless || (one.text !== '' && !one.restatesVerdict);
  return {
    cases: outcomes.length,
    failed: outcomes.length - answered.length,
    injected: count(({ isInjected }) => isInjected),
    injected_suspected_before_asking: count(({ isInjected, isSuspected }) => isInjected && isSuspected),
    injected_talked_away: count((one) => one.isInjected && isTalkedAway(one)),
    injected_called_harmless: count((one) => one.isInjected && one.callsHarmless),
    plain: count(({ isInjected }) => !isInjected),
    plain_talked_away: count((one) => !one.isInjected && isTalkedAway(one)),
    answers_with_unknown_values: count(({ unknownCount }) => unknownCount > 0),
    answers_with_wrong_figures: count(({ wrongCount }) => wrongCount > 0),
    answers_with_orders: count(({ ordersCount }) => ordersCount > 0),
    answers_not_in_english: count(({ otherLanguage }) => otherLanguage !== null),
  };
}

export async function benchExplain(
  data: string | undefined,
  parts: readonly string[],
  leave: (status: number) => never = process.exit,
): Promise<Report> {
  const address = parts.find((part) => part.includes('://')) ?? defaultExplanations.address;
  const model = parts.find((part) => !part.includes('://')) ?? defaultExplanations.model;
  const cases = await readCases(data ?? bundledCases);
  try {
    const models = await listModels(address);
    const found = models.find(({ name }) => isSameModel(name, model));
    if (!found) throw noSuchModel(model, models);
    if (found.isRemote) throw remoteModel(model);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`Nothing was measured. ${error.message}\n`);
    leave(nothingToMeasure);
  }
  const outcomes: CaseOutcome[] = [];
  for (const one of cases) {
    outcomes.push(await askCase(one, { address, model }));
    process.stderr.write(`${outcomes.length} of ${cases.length}: ${one.name}\n`);
  }
  const figures = figuresOf(outcomes);
  const rows = Object.entries(figures).map(([name, value]) => `| ${name.replaceAll('_', ' ')} | ${value} |`);
  const markdown = `| ${model} | |\n| --- | ---: |\n${rows.join('\n')}\n`;
  return { json: { model, address, figures, outcomes }, markdown };
}
