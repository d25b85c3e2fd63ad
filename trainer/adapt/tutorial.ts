/**
 * @file The published guide's rule for the threshold: a tenth up where false alarms exceed twice the misses, a tenth down where misses exceed them.
 * Mended so that it cannot ratchet: it counts only verdicts since its last change, waits for twenty of them, learns from random samples by their
 * weights, and stays where calibration can tell something and where no more than ten times the budget alerts. It is replayed from the budget each
 * time, so that a verdict taken back is as if it was never given.
 */
import type { LabelledScore } from './threshold.ts';

export type TutorialLabel = LabelledScore & { samplingWeight: number };

const raise = 1.1;
const lower = 0.9;
const leastVerdicts = 20;
/** It alerts on no more than half of all rows, nor on more than ten times what the budget asks for, in -log10 p. */
const median = Math.log10(2);
const mostLowered = 1;
/** So many times rarer than one in all calibration rows is as far as a fitted tail says anything. */
const beyondRows = 10;

/** `labels` in the order the verdicts were given. All scores in -log10 p. */
export function tutorialThreshold(
  labels: readonly TutorialLabel[],
  { budgetScore, calibrationRows }: { budgetScore: number; calibrationRows: number },
): number {
  // Bounds hold what moves: a budget that lies beyond them is no reason to move.
  const lowest = Math.min(budgetScore, Math.max(median, budgetScore - mostLowered));
  const tail = Math.max(budgetScore, Math.log10(beyondRows * (calibrationRows + 1)));
  let score = budgetScore;
  let [verdicts, falseAlarms, misses] = [0, 0, 0];
  for (const label of labels) {
    verdicts++;
    if (!label.isThreat && label.score >= score) falseAlarms += label.samplingWeight;
    // No threshold finds what lies below the lowest: lowering it for that would go on for ever.
    if (label.isThreat && label.score < score && label.score >= lowest) misses += label.samplingWeight;
    if (verdicts < leastVerdicts) continue;
    const factor = falseAlarms > 2 * misses ? raise : misses > falseAlarms ? lower : 1;
    const moved = Math.min(tail, Math.max(lowest, score * factor));
    if (moved === score) continue;
    score = moved;
    [verdicts, falseAlarms, misses] = [0, 0, 0];
  }
  return score;
}
