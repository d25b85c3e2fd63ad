/** @file What a model of event keys is trained on: sessions as token ids, cut at the parts of each log. */
import type { KeyModelSize } from '../../../shared/models.ts';
import { taughtNewsShare } from '../../../shared/news.ts';
import { keyLearningRates, keyModelShapes, keyTraining } from '../../../shared/recipes.ts';
import { packSequences } from '../../../shared/sequences.ts';
import type { TrainInput, TrainProvider } from '../../../shared/trainerProtocol.ts';
import { countKinds, sequencesOf, type Cuts, type CutTable } from '../../learn/dataset.ts';
import { Vocabulary } from '../../learn/vocabulary.ts';

/** What the trainer learns from: sessions of the earlier part, and of the part behind it that stops training early. */
export function keyTrainingData(input: {
  cut: readonly CutTable[];
  /** That of the cut tables' kinds where it is left out. */
  vocabulary?: Vocabulary;
  size: KeyModelSize;
  seed: number;
  provider: TrainProvider;
  maxEpochs?: number | undefined;
}): Omit<TrainInput, 'directory' | 'checkpoint' | 'intraOpThreads'> {
  const { cut, vocabulary = Vocabulary.fromCounts(countKinds(cut), () => ''), size, seed, provider } = input;
  const part = (from: keyof Cuts | null, to: keyof Cuts): number[][] =>
    cut.flatMap((one) => sequencesOf(one, vocabulary, from === null ? 0 : one.cuts[from], one.cuts[to]));
  return {
    ...keyTraining,
    maxEpochs: input.maxEpochs ?? keyTraining.maxEpochs,
    learningRate: keyLearningRates[size],
    unseenRate: taughtNewsShare(vocabulary.entries.map(({ count }) => count)),
    training: packSequences(part(null, 'trainingEnd')),
    validation: packSequences(part('trainingEnd', 'validationEnd')),
    shape: { ...keyModelShapes[size], vocabularySize: vocabulary.size },
    seed,
    provider,
  };
}
