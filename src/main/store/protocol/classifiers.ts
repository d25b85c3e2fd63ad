/** @file What the store answers about classifiers of windows. */
import type { Actor } from './workspace.ts';
import type { Classifier } from '../../../shared/classify.ts';

export type ClassifierMethods = {
  /** By number. */
  list_classifiers: { input: undefined; output: Classifier[] };
  add_classifier: { input: Omit<Classifier, 'number' | 'use'> & { actor: Actor }; output: Classifier };
  /** Changes what is given and keeps the rest. `refusedFor`: the model that it does not judge with, as its gate in the card says. NOT_FOUND for one that is gone. */
  update_classifier: {
    input: Pick<Classifier, 'id'> &
      Partial<Omit<Classifier, 'id' | 'number' | 'use'>> & { refusedFor?: string | null; actor: Actor };
    output: Classifier;
  };
  remove_classifier: { input: { id: string; actor: Actor }; output: undefined };
};
