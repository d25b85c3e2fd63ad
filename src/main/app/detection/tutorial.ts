/**
 * @file The tutorial as a preset: what it learns beside a model of event kinds, and what it says of the windows of a log. Its decision stays as
 * published; p-values of windows held back rank what it finds.
 */
import { rowDoubt } from '../../../shared/rowDoubt.ts';
import type { DetectorId, Vote } from '../../../shared/detectors.ts';
import { AppError } from '../../../shared/errors.ts';
import { fitCalibration, minusLog10P, type Calibration } from '../../detect/calibration.ts';
import {
  anomalyAbove,
  fitTutorial,
  judgeWindow,
  windowValues,
  type TutorialState,
  type WindowValues,
} from '../../detect/tutorial/decision.ts';
import { tutorialWindows, windowFeatures, windowLines } from '../../detect/tutorial/window.ts';
import type { CutTable } from '../../learn/dataset.ts';
import type { Columns, Judge } from './judge.ts';
import type { LinePage, PageScores } from './lineScores.ts';
import type { TutorialWindows } from './tutorialWindows.ts';

/** Of the training part the last windows, for the z-score and the forest. */
const mostLearned = 20_000;
/** Of those held back so many, at equal distances: each goes through the text model. */
const mostHeldBack = 1000;
const leastHeldBack = 20;
/** A z-score is infinite where training never varied. */
const mostValue = 1000;

/** JSON, kept beside the model. */
export type TutorialData = {
  textModelId: string;
  state: TutorialState;
  /** Of windows held back. */
  calibrations: Record<keyof WindowValues | 'consensus', Calibration>;
};

/** The detectors' columns, and what each of them is called among the app's own. */
const columnsOf = {
  perplexity: 'text',
  zScore: 'line_shape',
  isolation: 'isolation',
} as const satisfies Record<keyof WindowValues, DetectorId>;
export const tutorialIds: readonly DetectorId[] = Object.values(columnsOf);

/** Throws BAD_INPUT where too little was held back. */
export async function learnTutorial(
  windows: TutorialWindows,
  cut: readonly CutTable[],
  { textModelId, seed }: { textModelId: string; seed: number },
  signal: AbortSignal,
): Promise<TutorialData> {
  const read = async (part: (of: CutTable) => [from: number, to: number]): Promise<string[]> => {
    const found: string[] = [];
    for (const one of cut) {
      for (const eventIds of learnedRuns(one, ...part(one)))
        found.push(...tutorialWindows(await windows.linesOf(eventIds, signal)));
    }
    return found;
  };
  const learned = await read(({ cuts }) => [Math.max(0, cuts.trainingEnd - mostLearned), cuts.trainingEnd]);
  const behind = await read(({ table, cuts }) => [cuts.validationEnd, table.eventIds.length]);
  const step = Math.max(1, Math.ceil(behind.length / mostHeldBack));
  const heldBack = behind.filter((_text, index) => index % step === 0);
  if (heldBack.length < leastHeldBack)
    throw new AppError(
      'BAD_INPUT',
      `Only ${heldBack.length} windows of ten lines are left to set the tutorial's threshold by; at least ${leastHeldBack} are needed. Learn from a longer log.`,
    );
  const perplexities = await windows.perplexitiesOf(heldBack, signal);
  const state = fitTutorial(learned.map(windowFeatures), perplexities, seed);
  const values = heldBack.map((text, index) => windowValues(state, perplexities[index] ?? 1, windowFeatures(text)));
  const calibrationOf = (value: (of: WindowValues) => number): Calibration =>
    fitCalibration(Float64Array.from(values, (one) => Math.min(mostValue, value(one))));
  return {
    textModelId,
    state,
    calibrations: {
      perplexity: calibrationOf(({ perplexity }) => perplexity),
      zScore: calibrationOf(({ zScore }) => zScore),
      isolation: calibrationOf(({ isolation }) => isolation),
      consensus: calibrationOf((one) => judgeWindow(state, one).consensus),
    },
  };
}

/** Events of rows `from` to `to` that are one behind the other and may be taken as normal; between others only such as fill a window. */
function* learnedRuns({ table, doubt }: CutTable, from: number, to: number): Generator<number[]> {
  let run: number[] = [];
  const isWhole = (): boolean => run.length >= windowLines || run.length === to - from;
  for (let row = from; row < to; row++) {
    if (doubt.marks[row] === rowDoubt.none) run.push(table.eventIds[row] ?? 0);
    else {
      if (isWhole()) yield run;
      run = [];
    }
  }
  if (isWhole()) yield run;
}

/** -log10 p of the consensus from which on a window is an anomaly, and so the least that one has. */
export function tutorialScore({ calibrations }: TutorialData): number {
  return Math.max(1e-3, minusLog10P(calibrations.consensus, anomalyAbove));
}

/** `threshold`: -log10 p from which on alerts are shown. What the rule finds reaches it, and nothing else does. */
export function judgeByTutorial({ state, calibrations }: TutorialData, threshold: number): Judge {
  const valuesOf = (columns: Columns, row: number): WindowValues | null => {
    const [perplexity = Number.NaN, zScore = 0, isolation = 0] = columns.map((column) => column[row]);
    return Number.isNaN(perplexity) ? null : { perplexity, zScore, isolation };
  };
  return {
    groupOf: () => -1,
    scoreOf: (columns, row) => {
      const values = valuesOf(columns, row);
      if (!values) return 0;
      const { consensus, isAnomaly } = judgeWindow(state, values);
      const score = minusLog10P(calibrations.consensus, consensus);
      return isAnomaly ? Math.max(threshold, score) : Math.min(score, 0.999 * threshold);
    },
    votesOf: (columns, row) => {
      const values = valuesOf(columns, row);
      if (!values) return [];
      const { perplexity, zScore, isolation } = values;
      const confidences = judgeWindow(state, values).confidences;
      const votes = (['perplexity', 'zScore', 'isolation'] as const).map((name): Vote & { weighed: number } => ({
        detector: columnsOf[name],
        score: minusLog10P(calibrations[name], Math.min(mostValue, { perplexity, zScore, isolation }[name])),
        weighed: confidences[name],
      }));
      return votes
        .filter(({ weighed }) => weighed > 0)
        .sort((a, b) => b.weighed - a.weighed)
        .map(({ detector, score }) => ({ detector, score }));
    },
    findingOf: (columns, row) => {
      const values = valuesOf(columns, row);
      if (!values) return null;
      const { perplexity, confidence, consensus } = judgeWindow(state, values);
      return { kind: 'tutorial', perplexity, perplexityThreshold: state.perplexityThreshold, confidence, consensus };
    },
  };
}

/** One source's windows in order; each is told of with its last line. A source of fewer than ten lines is one window. */
export class TutorialScores implements PageScores {
  readonly #windows: TutorialWindows;
  readonly #state: TutorialState;
  readonly #eventCount: number;
  #last: string[] = [];
  #seen = 0;

  constructor(windows: TutorialWindows, { state }: TutorialData, eventCount: number) {
    this.#windows = windows;
    this.#state = state;
    this.#eventCount = eventCount;
  }

  async score({ eventIds }: LinePage, signal: AbortSignal): Promise<Float32Array[]> {
    const lines = [...this.#last, ...(await this.#windows.linesOf([...eventIds], signal))];
    const columns = tutorialIds.map(() => new Float32Array(eventIds.length).fill(Number.NaN));
    const rows: number[] = [];
    const windows: string[] = [];
    for (let row = 0; row < eventIds.length; row++) {
      const end = this.#last.length + row + 1;
      const isShortLog = this.#eventCount < windowLines && this.#seen + row + 1 === this.#eventCount;
      if (end < windowLines && !isShortLog) continue;
      const [text = ''] = tutorialWindows(lines.slice(Math.max(0, end - windowLines), end));
      rows.push(row);
      windows.push(text);
    }
    const perplexities = await this.#windows.perplexitiesOf(windows, signal);
    windows.forEach((text, index) => {
      const values = windowValues(this.#state, perplexities[index] ?? 1, windowFeatures(text));
      const row = rows[index] ?? 0;
      [values.perplexity, values.zScore, values.isolation].forEach((value, column) => {
        const into = columns[column];
        if (into) into[row] = value;
      });
    });
    this.#last = lines.slice(-(windowLines - 1));
    this.#seen += eventIds.length;
    return columns;
  }
}
