/** @file How the budget was kept, how the threshold and the model changed, and how much of what there is was found. */
import type { Estimate } from '../../../shared/teaching.ts';
import type { Block } from '../document.ts';
import { paragraph } from '../document.ts';
import { counted, formatCount, formatProbabilityOfScore, formatShare } from '../format.ts';
import { cell, leftOut, name, table } from './periodContext.ts';
import type { PeriodContext } from './periodContext.ts';
import type { PeriodThreshold } from './periodReport.ts';

const reasons: Record<PeriodThreshold['reason'], string> = {
  learned: 'with the model',
  budget: 'the budget was changed',
  verdicts: 'verdicts',
  reverted: 'put back',
  drift: 'the log changed',
  preset: 'another way of judging',
};

const modelWords: Record<string, string> = {
  'retraining.proposed': 'retrained, and proposed',
  'retraining.adopted': 'adopted',
  'retraining.discarded': 'discarded',
  'model.used': 'put in use',
  'model.rolled_back': 'rolled back to it',
};

export function budgetBlocks({ report, times, mostRows }: PeriodContext): Block[] {
  const { budget, shownByDay, runs } = report;
  if (budget === null) return [paragraph('No model is in use, so there is no budget.')];
  const isDaily = budget.per === 'day';
  const shown = shownByDay.slice(-mostRows);
  const sentence = `The budget in force is ${formatCount(budget.alerts)} alerts ${isDaily ? 'a day' : 'in 100,000 events'}.`;
  return [
    paragraph(sentence),
    ...leftOut(shown.length, shownByDay.length, 'day', '; JSON has all of them'),
    ...table(
      [
        { title: 'Day of the log', share: 4 },
        { title: 'Alerts shown', isNumber: true, share: 2 },
        ...(isDaily
          ? [
              { title: 'Budget', isNumber: true, share: 2 },
              { title: 'Of it', isNumber: true, share: 2 },
            ]
          : []),
      ],
      shown.map(({ day, count }) => [
        cell(day === null ? 'no time' : times.day(day)),
        cell(count),
        ...(isDaily ? [cell(budget.alerts), cell(day === null ? '' : formatShare(count / budget.alerts))] : []),
      ]),
    ),
    ...table(
      [
        { title: 'Log scored', share: 3 },
        { title: 'When', isTime: true, share: 3 },
        { title: 'Events', isNumber: true, share: 1.6 },
        { title: 'At or above the threshold', isNumber: true, share: 2 },
        { title: 'In 100,000', isNumber: true, share: 1.6 },
        { title: 'Threshold', share: 1.4 },
      ],
      runs
        .slice(-mostRows)
        .map(({ sourceName, finishedAt, eventCount, overCount, thresholdVersion }) => [
          name(sourceName),
          cell(times.full(finishedAt)),
          cell(eventCount),
          cell(overCount ?? 'not counted'),
          cell(overCount === null || eventCount === 0 ? '' : (100_000 * overCount) / eventCount),
          cell(`v${thresholdVersion}`),
        ]),
    ),
  ];
}

export function thresholdBlocks({ report: { thresholds }, times, mostRows }: PeriodContext): Block[] {
  if (thresholds.length === 0) return [paragraph('The threshold was not changed in this time.')];
  const shown = thresholds.slice(-mostRows);
  const counts = [...Map.groupBy(thresholds, ({ reason }) => reason)].map(
    ([reason, own]) => `${formatCount(own.length)} for: ${reasons[reason]}`,
  );
  return [
    paragraph(`${counted(thresholds.length, 'new version')}; ${counts.join(', ')}.`),
    ...leftOut(shown.length, thresholds.length, 'version', ', the newest'),
    ...table(
      [
        { title: 'Version', share: 1 },
        { title: 'When', isTime: true, share: 3 },
        { title: 'For', share: 2.4 },
        { title: 'p before', share: 1.8 },
        { title: 'p since', share: 1.8 },
        { title: 'Budget', share: 2.2 },
        { title: 'Verdicts', isNumber: true, share: 1.2 },
      ],
      shown.map(({ version, at, reason, scoreBefore, score, budget, verdictCount }) => [
        cell(`v${version}`),
        cell(times.full(at)),
        cell(reasons[reason]),
        cell(scoreBefore === null ? 'none' : formatProbabilityOfScore(scoreBefore)),
        cell(formatProbabilityOfScore(score)),
        cell(`${formatCount(budget.alerts)} ${budget.per === 'day' ? 'a day' : 'in 100,000'}`),
        cell(verdictCount),
      ]),
    ),
  ];
}

export function modelBlocks({ report: { models }, times }: PeriodContext): Block[] {
  if (models.length === 0) return [paragraph('No model was retrained, adopted or rolled back in this time.')];
  return table(
    [
      { title: 'When', isTime: true, share: 3 },
      { title: 'Model', share: 1.4 },
      { title: 'What', share: 4 },
      { title: 'Who', share: 2 },
    ],
    models.map(({ at, analyst, action, model }) => [
      cell(times.full(at)),
      cell(model),
      cell(modelWords[action] ?? action),
      name(analyst),
    ]),
  );
}

/** "61 % (52 % to 70 %)". */
function estimateText(estimate: Estimate): string {
  if (estimate === null) return 'not known';
  return `${formatShare(estimate.value)} (${formatShare(estimate.low)} to ${formatShare(estimate.high)})`;
}

export function detectionBlocks({ report: { precisionOfSpan, precision, recall } }: PeriodContext): Block[] {
  const basis = ({ right, wrong }: typeof precision): string =>
    `${counted(right, 'true positive')}, ${counted(wrong, 'false positive')}`;
  const missed = recall.missed === null ? '' : `, about ${formatCount(recall.missed)} missed`;
  return [
    ...table(
      [
        { title: 'What', share: 4 },
        { title: 'Estimate, and where it lies 95 times of 100', share: 4 },
        { title: 'From', share: 5 },
      ],
      [
        [
          cell('Precision of the verdicts of this time'),
          cell(estimateText(precisionOfSpan.estimate)),
          cell(basis(precisionOfSpan)),
        ],
        [cell('Precision over all alerts'), cell(estimateText(precision.estimate)), cell(basis(precision))],
        [
          cell('Recall over all events, estimated'),
          cell(estimateText(recall.estimate)),
          cell(
            `${formatCount(recall.found)} events of threats found${missed}; of ${counted(recall.drawn, 'event')} drawn at random from the rest, ${formatCount(recall.decided)} were decided`,
          ),
        ],
      ],
    ),
    paragraph(
      recall.missed === null
        ? 'Recall is estimated from events drawn at random from those not flagged; none of them was decided yet. The list Teach asks about them.'
        : 'Benign true positives and what is undetermined count neither way.',
      { isQuiet: true },
    ),
  ];
}
