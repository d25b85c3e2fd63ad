/** @file What became of a provider, in the words of the settings and the status bar. */
import {
  providerLabels,
  type EngineFailure,
  type EngineFigures,
  type EngineReport,
  type Trial,
} from '../../shared/engineReport.ts';
import { shortTime } from './time.ts';
import { bytes, capitalise, count, percent, plural } from './words.ts';

type Clock = { zone: string; now: number };

const failed = { refused: 'failed', silent: 'gave no answer', ended: 'crashed' } as const;

/** "in use", "agrees", "differs by 0.020 nat: not used", "crashed 12 Nov 10:31: not tried again". */
export function stateText(trial: Trial, report: EngineReport, { zone, now }: Clock): string {
  const when = shortTime(trial.at, zone, now);
  switch (trial.state) {
    case 'agrees':
      if (trial.provider === report.inUse)
        return report.home === 'process' ? 'in use, in a process of its own' : 'in use';
      if (report.fallback?.provider === trial.provider)
        return `${failed[report.fallback.how]} ${shortTime(report.fallback.at, zone, now)}: not used until the next start`;
      return 'agrees';
    case 'differs':
      return `differs${trial.differenceNat === null ? '' : ` by ${trial.differenceNat.toPrecision(2)} nat`}: not used`;
    case 'absent':
      return 'not on this computer';
    case 'refused':
      return `failed ${when}: not used`;
    default:
      return `${failed[trial.state]} ${when}: not tried again`;
  }
}

/** One sentence for the status bar: what should run, since when it does not, what does. */
export function fallbackText(fallback: EngineFailure, { zone, now }: Clock): string {
  const what = `${failed[fallback.how]} ${shortTime(fallback.at, zone, now)}`;
  return fallback.provider === 'cpu'
    ? `Scoring engine ${what}, started again`
    : `${providerLabels[fallback.provider]} ${what}, scoring on the CPU`;
}

/** Why, as a sentence. What a process ended with comes as "signal SIGSEGV" or "exit code 3"; a runtime's own words as they are. */
export function reasonText(reason: string): string {
  if (reason === '') return '';
  const whole = /^(signal|exit code) \S+$/.test(reason) ? `Its process ended with ${reason}` : capitalise(reason);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** What stands behind a fallback: the reason, and what it cost. */
export function fallbackDetail(fallback: EngineFailure): string {
  return `${reasonText(fallback.reason)} Nothing was lost: what it was working on was scored again.`.trimStart();
}

/** What the engine did and does: "Batches of 1,024 tokens", "72 % of 1,204,377 tokens from memory", and so on. */
export function figureTexts(figures: EngineFigures): string[] {
  const { batchTokens, askedTokens, computedTokens, tokensPerSecond, waitingTokens, residentBytes } = figures;
  return [
    ...(batchTokens === null ? [] : [`batches of up to ${count(batchTokens)} tokens`]),
    ...(askedTokens === 0
      ? []
      : [`${percent(1 - computedTokens / askedTokens)} of ${plural(askedTokens, 'token')} from memory`]),
    ...(tokensPerSecond > 0 ? [`${count(tokensPerSecond)} tokens/s`] : []),
    ...(waitingTokens > 0 ? [`${plural(waitingTokens, 'token')} waiting`] : []),
    `${bytes(residentBytes)} of memory in use`,
  ];
}
