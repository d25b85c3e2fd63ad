/** @file What verdicts taught in words, whether that is another version, and what of it waits until somebody says that it is meant. */
import type { LearningWarning } from '../../shared/adaptProtocol.ts';
import { detectorNames, type DetectorId } from '../../shared/detectors.ts';
import type { Taught } from '../../shared/taught.ts';
import { counted } from './words.ts';

/** Smaller moves of the threshold change nothing an analyst would see, */
export const minMove = 0.01;
/** nor do changes of weights smaller than so much, as logarithm. */
const leastReweighing = 0.03;

/** Part of a sentence. Without the number, which changes with every verdict: what waits is told once. */
export function warningText(warning: LearningWarning): string {
  switch (warning.kind) {
    case 'weight':
      return `it would lower “${detectorNames[warning.detector]}” until it is hardly heard`;
    case 'family':
      return 'severe alerts on what one program writes would no longer come up';
    case 'threats':
      return 'confirmed threats would no longer alert';
  }
}

/** Whether an analyst would see that stored alerts are judged otherwise. */
export function isTaughtElse(before: Taught | null, now: Taught | null): boolean {
  const ids = Object.keys({ ...before?.weights, ...now?.weights }) as DetectorId[];
  if (((before?.weights ?? null) === null) !== ((now?.weights ?? null) === null)) return true;
  const moved = ids.some((id) => {
    const [from, to] = [before?.weights?.[id] ?? 0, now?.weights?.[id] ?? 0];
    return Math.abs(Math.log(to / from)) >= leastReweighing;
  });
  // What the same verdicts make of other judged rows waits for the next verdict: scoring again, or a start of the app, is no reason for a version.
  const isSameSaid = JSON.stringify(before?.joined?.scores ?? null) === JSON.stringify(now?.joined?.scores ?? null);
  if (!moved && isSameSaid) return false;
  return moved || Math.abs((now?.joined?.shift ?? 0) - (before?.joined?.shift ?? 0)) >= minMove;
}

/** What besides the threshold changed, in a sentence. */
export function taughtText(taught: Taught | null): string {
  if (!taught) return '';
  const weights = taught.weights ? ' Verdicts changed the detectors’ weights.' : '';
  const joined = taught.joined
    ? ` ${counted(Object.values(taught.joined.scores).flat().length, 'verified normal')} joined the calibration.`
    : '';
  return `${weights}${joined}`;
}
