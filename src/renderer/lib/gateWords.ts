/** @file The gate's figures as they are read: names, numbers with their intervals, what an alert would do. */
import type { GateCheck, GateFigure, ReplayDiff, RetrainPlan } from '../../shared/retraining.ts';
import { leftOutWords } from '../../shared/retraining.ts';
import { count, plural } from './words.ts';

export const checkNames: Record<GateCheck['id'], string> = {
  lost: 'Confirmed threats lost',
  recall: 'Threats found',
  harmless: 'False alarms raised again',
  false_alarms: 'Normal events that alert',
  likelihood: 'Surprise of normal events',
  ranks: 'Same order of normal events',
  average_precision: 'Threats ranked first (average precision)',
  log_loss: 'Probabilities of verdicts (log-loss)',
};

const checkBases: Record<GateCheck['id'], string> = {
  lost: 'of all verdicts',
  recall: 'of verdicts held out',
  harmless: 'of verdicts held out',
  false_alarms: 'of normal events held out',
  likelihood: 'of normal events held out',
  ranks: 'of normal events held out',
  average_precision: 'of verdicts and normal events held out',
  log_loss: 'of verdicts held out',
};

/** "of 12 verdicts held out". */
export function basisOf({ id, after }: GateCheck): string {
  return checkBases[id].replace('of ', `of ${count(after.of)} `).replace('all ', '');
}

export function figureText(unit: GateCheck['unit'], { value, of }: GateFigure): string {
  switch (unit) {
    case 'count':
      return count(value);
    case 'share':
      return of === 0 ? 'none there' : shareText(value);
    case 'bits':
      return `${value.toFixed(3)} bits`;
    case 'correlation':
    case 'precision':
    case 'nats':
      return value.toFixed(3);
  }
}

/** In which it lies with 95 % confidence; '' where that is not known. */
export function intervalText(unit: GateCheck['unit'], { low, high }: GateFigure): string {
  if (low === null || high === null) return '';
  return unit === 'share' ? `${shareText(low)} to ${shareText(high)}` : `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

function shareText(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** What becomes of the stored alerts, in one sentence. */
export function replayText(replay: ReplayDiff): string {
  const { alerts, shownBefore, shownAfter } = replay;
  const shown = `${count(shownAfter)} of ${plural(alerts, 'stored alert')} would be shown, ${count(shownBefore)} are now`;
  return `${shown}: ${changesText(replay)}.`;
}

/** "171 vanish, 6 appear". */
export function changesText({ appear, vanish, move }: Pick<ReplayDiff, 'appear' | 'vanish' | 'move'>): string {
  const changes = [
    ...(vanish.count > 0 ? [`${count(vanish.count)} vanish`] : []),
    ...(appear.count > 0 ? [`${count(appear.count)} appear`] : []),
    ...(move.count > 0 ? [`${count(move.count)} change their severity`] : []),
  ];
  return changes.length === 0 ? 'none changes' : changes.join(', ');
}

/** "4 benign true: rightly raised, and no threat". */
export function leftOutText(leftOut: RetrainPlan['leftOut']): string[] {
  return leftOut.map(({ reason, count: number }) => `${count(number)} ${leftOutWords[reason]}`);
}
