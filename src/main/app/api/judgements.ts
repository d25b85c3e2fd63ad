/** @file What the API says of a line, from what was found of its event and from the alert that shows it. No text of the line is in it. */
import type { AnalyzeLine, Judgement } from '../../api/schemas.ts';
import { titleOf } from '../../detect/reason.ts';
import { confidenceOf } from '../../detect/severity.ts';
import { reasonFor, type EventSurprise, type ScoreContext } from '../newAlert.ts';
import type { LiveAlert } from '../watch/liveRaiser.ts';
import { probabilityInWords } from '../words.ts';

export type Found = { surprise: EventSurprise | undefined; alert: LiveAlert | undefined };

/** Whether an alert stands where it is looked at, by itself or counted by the one before it. */
export function isShown(alert: LiveAlert | undefined): boolean {
  return alert?.isShown === true && alert.state !== 'folded' && alert.state !== 'muted';
}

export function judgementOf(
  { timestamp }: Pick<AnalyzeLine, 'timestamp'>,
  { surprise, alert }: Found,
  { model, threshold }: ScoreContext,
): Judgement {
  const score = Math.max(0, surprise?.score ?? 0);
  const p = 10 ** -score;
  const isAnomaly = isShown(alert);
  const isOver = isAnomaly || alert?.isShown === true;
  const common = probabilityInWords(p);
  const share = common.includes('%') ? `${common} of normal lines surprise` : `${common} normal lines surprises`;
  const base = surprise
    ? isOver
      ? `${titleOf(reasonFor(surprise, model), surprise.severity, 1)}: ${share} as much.`
      : `Nothing unusual beyond the threshold: ${share} as much.`
    : 'The line was stored and not judged: the beginning of its session is not at hand.';
  return {
    timestamp,
    is_anomaly: isAnomaly,
    confidence: surprise?.rule?.kind === 'tutorial' ? surprise.rule.confidence : confidenceOf(score, threshold.score),
    reasoning: `${base}${noteOf(alert, score, threshold.score)}`,
    score,
    p,
    perplexity: surprise?.perplexity ?? null,
    threshold: Math.max(0, threshold.score),
    alert_id: isOver ? (alert?.alertId ?? null) : null,
  };
}

function noteOf(alert: LiveAlert | undefined, score: number, threshold: number): string {
  if (alert?.isShown !== true) return '';
  switch (alert.state) {
    case 'folded':
      return ' Its alert is folded: a verdict on its like said that it is harmless.';
    case 'muted':
      return ' Its alert is muted.';
    case 'repeat':
      return ' It is counted by the alert before it that says the same.';
    default:
      return score < threshold
        ? ' It is like a threat that was confirmed, or part of a finding that is beyond the threshold.'
        : '';
  }
}
