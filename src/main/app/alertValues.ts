/** @file What a filter can be completed with, with a word on each: a kind of line has its text, a case its title. */
import { detectorIds, detectorNames } from '../../shared/detectors.ts';
import type { ParsedInput, RouteOutput } from '../../shared/routes.ts';
import type { AppParts } from './createApp.ts';

const nameOfDetector = (id: string): string => {
  const known = detectorIds.find((one) => one === id);
  return known ? detectorNames[known] : '';
};
const mostValues = 8;
const hintChars = 80;

export async function alertValues(
  { services, texts }: AppParts,
  { field, typed }: ParsedInput<'alerts.values'>,
): Promise<RouteOutput<'alerts.values'>> {
  const { store } = services;
  const found = await store.call('alert_values', { field, typed, limit: mostValues });
  if (field === 'template') {
    const textOf = await texts.of(found.map(({ value }) => Number(value.slice(1)) - 1));
    return found.map((one) => ({ ...one, hint: textOf(Number(one.value.slice(1)) - 1).slice(0, hintChars) }));
  }
  if (field === 'case') {
    const cases = await store.call('list_cases', undefined);
    const titles = new Map(cases.map(({ number, title }) => [`C-${number}`, title]));
    return found.map((one) => ({ ...one, hint: (titles.get(one.value) ?? '').slice(0, hintChars) }));
  }
  if (field === 'detector') return found.map((one) => ({ ...one, hint: nameOfDetector(one.value) }));
  return found.map((one) => ({ ...one, hint: '' }));
}
