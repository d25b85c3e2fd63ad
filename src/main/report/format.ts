/** @file How a report writes times, probabilities and counts. The same input gives the same text on every machine. */
import type { Instant } from '../../shared/instant.ts';
import type { SeverityLevel } from '../../shared/alerts.ts';
import type { VerdictValue } from '../../shared/verdicts.ts';
import { severityNames } from '../../shared/alerts.ts';
import { AppError } from '../../shared/errors.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dayOf(day: string, month: string): string {
  return `${Number(day)} ${months[Number(month) - 1] ?? month}`;
}

type LocalTime = { year: string; month: string; day: string; clock: string; millis: string; offset: string };

/** False also for numbers that no calendar holds. */
export function isTime(at: Instant | null): at is Instant {
  return at !== null && Math.abs(at) <= 8.64e15;
}

/** Formatters are dear to make: one for each report. Throws BAD_INPUT for a zone that does not exist. */
export type TimeFormat = {
  /** 20 Nov 2026 13:58:41 UTC+01:00, or only UTC without an offset; "no time" where the log says none. */
  full(at: Instant | null): string;
  /** 13:58:41, or with the day 20 Nov 13:58; for places that name the zone beside it. */
  short(at: Instant, withDay: boolean): string;
  /** 20 Nov 2026 */
  day(at: Instant): string;
  /** ISO 8601 with offset; empty where the log says none. */
  iso(at: Instant | null): string;
};

export function createTimeFormat(zone: string): TimeFormat {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      timeZoneName: 'longOffset',
    });
  } catch (cause) {
    throw new AppError('BAD_INPUT', `"${zone}" is no time zone. Choose one such as Europe/Berlin or UTC.`, { cause });
  }
  const local = (at: Instant): LocalTime => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
    const offset = part('timeZoneName').replace('GMT', '');
    return {
      year: part('year').padStart(4, '0'),
      month: part('month'),
      day: part('day'),
      clock: `${part('hour')}:${part('minute')}:${part('second')}`,
      millis: part('fractionalSecond'),
      offset: offset === '' ? '+00:00' : offset,
    };
  };
  return {
    full: (at) => {
      if (!isTime(at)) return 'no time';
      const { year, month, day, clock, offset } = local(at);
      return `${dayOf(day, month)} ${year} ${clock} UTC${offset === '+00:00' ? '' : offset}`;
    },
    short: (at, withDay) => {
      if (!isTime(at)) return '';
      const { month, day, clock } = local(at);
      return withDay ? `${dayOf(day, month)} ${clock.slice(0, 5)}` : clock;
    },
    day: (at) => {
      if (!isTime(at)) return '';
      const { year, month, day } = local(at);
      return `${dayOf(day, month)} ${year}`;
    },
    iso: (at) => {
      if (!isTime(at)) return '';
      const { year, month, day, clock, millis, offset } = local(at);
      return `${year}-${month}-${day}T${clock}.${millis}${offset}`;
    },
  };
}

/** 12345 → 12,345 */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** "1 alert", "2 alerts". */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function superscript(exponent: number): string {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return String(exponent)
    .replace('-', '⁻')
    .replace(/\d/g, (digit) => digits[Number(digit)] as string);
}

/** p of a -log10 p. */
export function formatProbabilityOfScore(score: number): string {
  const exponent = -Math.ceil(score);
  return `${(10 ** (-score - exponent)).toFixed(1)} × 10${superscript(exponent)}`;
}

/** 14.2 bits → "1 in 18,800". */
export function formatOdds(bits: number): string {
  const odds = 2 ** bits;
  if (!Number.isFinite(odds) || odds >= 1e9) return `1 in 10${superscript(Math.round(bits * Math.log10(2)))}`;
  return `1 in ${formatCount(Number(odds.toPrecision(3)))}`;
}

export function formatBits(bits: number): string {
  return `${bits.toFixed(1)} bits`;
}

/** 0.614 → "61 %"; what is rare keeps a digit that says how rare. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %';
  return `${share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
}

export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `case.note_added` of the audit → "Case, note added". */
export function actionText(action: string): string {
  return capitalised(action.replaceAll('_', ' ').replace('.', ', '));
}

export function severityName(level: SeverityLevel): string {
  return severityNames[level - 1] as string;
}

export const verdictNames: Record<VerdictValue, string> = {
  true_positive: 'True positive',
  benign_true_positive: 'Benign true positive',
  false_positive_logic: 'False positive, logic',
  false_positive_data: 'False positive, data',
  undetermined: 'Undetermined',
};
