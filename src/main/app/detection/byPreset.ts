/** @file A model's detection by each preset, and what a preset asks of an event at least before it alerts. */
import type { Threshold } from '../../../shared/thresholds.ts';
import type { ScoreGraph } from '../../../shared/engineProtocol.ts';
import { AppError } from '../../../shared/errors.ts';
import { presetNames, topKOf, type Preset } from '../../../shared/presets.ts';
import { minusLog10P, type Calibration } from '../../detect/calibration.ts';
import { leastTopKBits, topKScorer } from '../../detect/topK.ts';
import type { Calibrations, KeyModel, ModelCard } from '../keyModel.ts';
import type { ScoreContext } from '../newAlert.ts';
import type { Services } from '../services.ts';
import type { Detection } from './detection.ts';
import type { Judge } from './judge.ts';
import type { PageScores } from './lineScores.ts';
import { judgeByTutorial, tutorialIds, tutorialScore, TutorialScores, type TutorialData } from './tutorial.ts';
import { TutorialWindows } from './tutorialWindows.ts';

/** What judges: a threshold, and the preset that it belongs to. */
export type InForce = Pick<Threshold, 'version' | 'score' | 'preset'>;

/** Alerts are kept down to this much below the budget's threshold (in -log10 p), so that lowering it later shows them without scoring again. */
const keptBelowThreshold = Math.log10(4);
const noLines: PageScores = { score: () => Promise.resolve([]) };

/** -log10 p from which on what is found is kept. A rule has no more or less: what it does not find is not kept. */
export function keptScore({ score, preset }: InForce): number {
  return preset.kind === 'budget' ? score - keptBelowThreshold : score;
}

/** What a rule needs of a model, and of its graph on the CPU. */
export type RuleBasis = {
  card: Pick<ModelCard, 'keys' | 'shape'>;
  calibrations: Calibrations;
  kinds: number;
  tutorial: TutorialData | null;
};

export function ruleBasisOf({ card, calibrations, graph, vocabulary, tutorial }: KeyModel): RuleBasis {
  return {
    card,
    calibrations: calibrations[graph],
    kinds: vocabulary.entries.length,
    tutorial: tutorial?.data ?? null,
  };
}

/** The least score that an event has which breaks the preset's rule, and what that means. Throws CONFLICT where a model cannot judge by it. */
export function ruleThreshold(
  basis: RuleBasis,
  preset: Exclude<Preset, { kind: 'budget' }>,
): { score: number; calibrationEvents: number; meaning: string } {
  const { card, kinds } = basis;
  const name = presetNames[preset.kind];
  if (preset.kind === 'top_k') {
    if (card.shape === null)
      throw new AppError(
        'CONFLICT',
        `${name} asks what a model expects, and this one only counts. Learn with training first.`,
      );
    const k = topKOf(preset.k, kinds);
    const calibration = topKCalibration(basis.calibrations, card.keys);
    const score = topKScore(calibration, k);
    const [what, unit] = card.keys === 'lines' ? ['an event', 'events'] : ['a session with an event', 'sessions'];
    return {
      score,
      calibrationEvents: calibration.count,
      meaning: `${name}: ${what} alerts that is not among the ${k} of ${kinds} kinds that the model expects most there; one never seen in training always is not. By ${number(calibration.count)} ${unit} held back, at most about ${perHundredThousand(score)} in 100,000 normal ones do.`,
    };
  }
  if (!basis.tutorial)
    throw new AppError(
      'CONFLICT',
      card.keys === 'sequences'
        ? `${name} reads the text of lines; sessions of ids have none.`
        : `${name} needs thresholds of its own, and the model in use was learned without them. Choose it, and learn again.`,
    );
  const { state, calibrations } = basis.tutorial;
  const score = tutorialScore(basis.tutorial);
  return {
    score,
    calibrationEvents: calibrations.consensus.count,
    meaning: `${name}: windows of ten lines, one line apart; 5 % of normal windows lie above the perplexity of ${state.perplexityThreshold.toFixed(2)}. With the z-score and the isolation forest, a window alerts above a consensus of 0.5. Of ${number(calibrations.consensus.count)} windows held back, about ${perHundredThousand(score)} in 100,000 do.`,
  };
}

/** The model's detection by the preset of the threshold in force. Throws as `ruleThreshold`, and CONFLICT where a rule's text model is gone. */
export function detectionBy(services: Services, model: KeyModel, { score, preset }: InForce): Detection {
  if (preset.kind === 'budget') return model.detection;
  const basis = ruleBasisOf(model);
  ruleThreshold(basis, preset);
  const { vocabulary, versions } = model.detection;
  const kinds = { vocabulary, versions };
  const judges = (of: (graph: ScoreGraph) => Judge): Detection['judges'] => ({ f32: of('f32'), int8: of('int8') });
  if (preset.kind === 'top_k') {
    const k = topKOf(preset.k, basis.kinds);
    return {
      ...kinds,
      set: { ids: ['key'], session: [() => topKScorer(k)], stream: [], lines: [] },
      readLines: () => noLines,
      judges: judges((graph) => {
        const calibration = topKCalibration(model.calibrations[graph], model.card.keys);
        return judgeByTopK(calibration, { k, kinds: basis.kinds, threshold: score });
      }),
      ...{ k, classifier: null, isOfLog: false },
    };
  }
  const { tutorial } = model;
  if (!tutorial?.model)
    throw new AppError(
      'CONFLICT',
      `${tutorial?.lacks ?? 'The text model is gone.'} ${presetNames.tutorial} needs one that reads windows: train one, choose it under Models, and learn again.`,
    );
  const windows = new TutorialWindows(services.store, services.engine(), tutorial.model);
  const { data } = tutorial;
  return {
    ...kinds,
    set: { ids: tutorialIds, session: [], stream: [], lines: tutorialIds },
    readLines: (eventCount) => new TutorialScores(windows, data, eventCount),
    judges: judges(() => judgeByTutorial(data, score)),
    ...{ k: null, classifier: null, isOfLog: true },
  };
}

/** Of rules, the last one asked for of a model: who follows a log asks for each batch of lines. */
const made = new WeakMap<KeyModel, { version: number; detection: Detection }>();

/** What scores with a threshold. The same model and version give the same detection. Throws as `detectionBy`. */
export function scoreContextOf(services: Services, model: KeyModel, threshold: InForce): ScoreContext {
  const { version, score, preset } = threshold;
  let detection = preset.kind === 'budget' ? model.detection : made.get(model)?.detection;
  if (!detection || (preset.kind !== 'budget' && made.get(model)?.version !== version)) {
    detection = detectionBy(services, model, threshold);
    made.set(model, { version, detection });
  }
  return { model, threshold: { version, score, preset }, detection };
}

function topKCalibration({ calibration, sessionCalibration }: Calibrations, keys: ModelCard['keys']): Calibration {
  return keys === 'sequences' ? sessionCalibration : calibration;
}

/** Above 0, which is the score of what does not break the rule. */
function topKScore(calibration: Calibration, k: number): number {
  return Math.max(1e-3, minusLog10P(calibration, leastTopKBits(k)));
}

/** By the key model's surprise alone, of what breaks the rule: it reaches the threshold whichever graph gave the bits. */
function judgeByTopK(
  calibration: Calibration,
  { k, kinds, threshold }: { k: number; kinds: number; threshold: number },
): Judge {
  const scoreOf: Judge['scoreOf'] = ([bits], row) => {
    const own = bits?.[row] ?? Number.NaN;
    return Number.isNaN(own) ? 0 : Math.max(threshold, minusLog10P(calibration, own));
  };
  return {
    groupOf: () => -1,
    scoreOf,
    votesOf: (columns, row) => {
      const score = scoreOf(columns, row, -1);
      return score > 0 ? [{ detector: 'key', score }] : [];
    },
    findingOf: () => ({ kind: 'top_k', k, kinds }),
  };
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function perHundredThousand(score: number): string {
  return number(Math.max(1, Math.round(1e5 * 10 ** -score)));
}
