/** @file Lets every detector learn from the training part: from sessions as the model reads them, and from the log in its order. */
import type { FitContext, SessionDetector, StreamDetector } from '../../detect/detector.ts';
import { sessionDetectors, streamDetectors } from '../../detect/detectors/registry.ts';
import { trainingSessions, type CutTable, type TrainingSession } from '../../learn/dataset.ts';
import type { Vocabulary } from '../../learn/vocabulary.ts';
import type { Learned } from './detectorSet.ts';
import { trainingPages, type TablePages } from './tablePages.ts';

/** `scored`: null where there is no key model: what needs one learns nothing. `pages`: of each table; null for sessions of ids, of which nothing but their order is known. */
export function learnDetectors(
  cut: readonly CutTable[],
  vocabulary: Vocabulary,
  pages: readonly TablePages[] | null,
  { isWhole, scored, classifier }: Pick<FitContext, 'isWhole' | 'classifier'> & { scored: FitContext['scored'] | null },
): Learned {
  const learned: Learned = {};
  const sessions = function* (): Generator<TrainingSession> {
    for (const one of cut) yield* trainingSessions(one, vocabulary);
  };
  const context = { isWhole, classifier, scored: scored ?? [], vocabularySize: vocabulary.size };
  for (const detector of sessionDetectors as readonly SessionDetector[])
    if (scored || !detector.needsKeyModel) learned[detector.id] = detector.fit(sessions(), context);
  if (!pages) return learned;
  const training = cut.flatMap((one, index) => {
    const own = pages[index];
    return own ? [trainingPages(own, one)] : [];
  });
  for (const detector of streamDetectors as readonly StreamDetector[]) learned[detector.id] = detector.fit(training);
  return learned;
}
