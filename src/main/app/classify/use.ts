/** @file Which classifier judges, and which one should and does not: a model that was learned since it was put in use knows nothing of it. */
import type { Classifier, ClassifierUse } from '../../../shared/classify.ts';
import type { ModelCard } from '../keyModel.ts';
import type { Services } from '../services.ts';
import { wantedClassifier } from '../settings.ts';

export async function listClassifiers(services: Pick<Services, 'store'>): Promise<Classifier[]> {
  const { store } = services;
  const [classifiers, models, wanted] = await Promise.all([
    store.call('list_classifiers', undefined),
    store.call('list_models', undefined),
    wantedClassifier(services),
  ]);
  const model = models.find(({ state }) => state === 'in_use');
  const judging = (model?.card as ModelCard | undefined)?.classifier?.id;
  const useOf = (id: string): ClassifierUse | null => {
    if (!model) return null;
    if (id === judging) return { state: 'in_use', modelNumber: model.number };
    return id === wanted ? { state: 'stale', modelNumber: model.number } : null;
  };
  return classifiers.map((classifier) => ({ ...classifier, use: useOf(classifier.id) }));
}
