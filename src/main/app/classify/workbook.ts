/** @file `model_explanations.xlsx`: a classifier's windows with their reasons, what it shows on the test part, and where its heads looked. */
import { attentionNote, type ClassifierQuality, type WindowExplanation } from '../../../shared/classify.ts';
import { workbookOf, type Table } from '../../report/formats/xlsx.ts';
import type { OpenClassifier } from './read.ts';

/** More digits than that are the arithmetic's, and no cell is wide enough for them. */
const shown = (value: number): number => Number(value.toPrecision(4));

export const workbookName = 'model_explanations.xlsx';
export const workbookType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

type Cell = Table['rows'][number][number];

export function explanationsWorkbook(
  { classifier: { number, card } }: Pick<OpenClassifier, 'classifier'>,
  windows: readonly WindowExplanation[],
): Promise<Uint8Array> {
  return workbookOf([
    {
      name: 'Windows',
      columns: [
        { title: 'Window', width: 9 },
        { title: 'Label', width: 11 },
        { title: 'Called', width: 11 },
        { title: 'Probability', width: 12 },
        { title: 'Score (logit)', width: 12 },
        { title: 'Same in training, normal', width: 24 },
        { title: 'Same in training, anomalous', width: 28 },
        { title: 'Events', width: 50 },
        { title: 'Strongest reason', width: 80 },
      ],
      rows: windows.map(({ index, label, isAlarm, probability, logit, sameInTraining, events }) => [
        ...[index, nameOf(label), nameOf(isAlarm), shown(probability), shown(logit)],
        ...[sameInTraining.normal, sameInTraining.anomalous, events.map(({ eventId }) => idText(eventId)).join(' ')],
        strongestReason(events),
      ]),
    },
    {
      name: 'Reasons',
      columns: [
        { title: 'Window', width: 9 },
        { title: 'Place', width: 8 },
        { title: 'Event id', width: 10 },
        { title: 'Change of the score when hidden', width: 31 },
        { title: 'Not in training', width: 16 },
        { title: 'Kind of line', width: 90 },
      ],
      rows: windows.flatMap(({ index, events }) =>
        events.map(({ eventId, change, isUnseen, text }, place): Cell[] => [
          ...[index, place, idText(eventId), shown(change), isUnseen ? 'yes' : null, text],
        ]),
      ),
    },
    {
      name: 'Attention (picture)',
      columns: [
        { title: 'Window', width: 9 },
        { title: 'Layer', width: 8 },
        { title: 'Head', width: 8 },
        { title: 'From place', width: 10 },
        { title: 'To each place, in order', width: 23 },
      ],
      rows: [
        [attentionNote],
        ...windows.flatMap(({ index, attention }) =>
          attention.flatMap((heads, layer) =>
            heads.flatMap((rows, head) =>
              rows.map((row, place): Cell[] => [index, layer, head, place, ...row.map(shown)]),
            ),
          ),
        ),
      ],
    },
    {
      name: 'Model',
      columns: [
        { title: 'What', width: 46 },
        { title: 'Value', width: 70 },
      ],
      rows: [
        ['Classifier', `c${number}`],
        ['Trained on', card.name],
        ['Events of a window', card.length],
        ['Windows to train, anomalous', `${card.counts.train.windows}, ${card.counts.train.anomalous}`],
        ['Windows to test, anomalous', `${card.counts.test.windows}, ${card.counts.test.anomalous}`],
        ['Test windows that are also in the training part', card.duplicates.testInTrain],
        ...(card.noQuality === null ? [] : [['Quality', card.noQuality]]),
        ...(card.test === null
          ? []
          : [
              ...qualityRows('Test windows', card.test.classifier),
              ...qualityRows('Test windows not in training', card.test.withoutDuplicates),
              ...qualityRows('Baseline, always the majority', card.test.baselines.majority),
              ...qualityRows('Baseline, an unseen event id', card.test.baselines.unseenId),
              ...qualityRows('Baseline, same window was anomalous in training', card.test.baselines.seenAnomalous),
            ]),
      ],
    },
  ]);
}

function qualityRows(name: string, { precision, recall, f1, averagePrecision }: ClassifierQuality): Cell[][] {
  return [
    [`${name}: precision`, precision ?? 'not defined'],
    [`${name}: recall`, recall ?? 'not defined'],
    [`${name}: F1`, f1 ?? 'not defined'],
    [`${name}: average precision`, averagePrecision ?? 'not defined'],
  ];
}

function nameOf(isAnomalous: boolean): string {
  return isAnomalous ? 'anomalous' : 'normal';
}

function idText(eventId: number): string {
  return eventId < 0 ? 'none' : String(eventId);
}

function strongestReason(events: WindowExplanation['events']): string {
  const [first, ...rest] = events.map((event, place) => ({ ...event, place }));
  if (!first) return '';
  const { place, eventId, change, text } = rest.reduce(
    (most, event) => (event.change > most.change ? event : most),
    first,
  );
  if (!(change > 0)) return 'No event speaks for an anomaly.';
  return `Event ${idText(eventId)} at place ${place}, ${change.toFixed(2)}${text === null ? '' : `: ${text}`}`;
}
