/** @file Numbers as the product prints them: separators, bits, odds, shares, sizes, durations. One place, so that they agree everywhere. */

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 1204377 → "1,204,377". */
export function count(value: number): string {
  return whole.format(value);
}

const twoDigits = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 2 });

/** A rate, which may be a fraction: 0.149 → "0.15", 3.21 → "3.2", 41.7 → "42". */
export function rate(value: number): string {
  if (value > 0 && value < 0.001) return '< 0.001';
  return value < 10 ? twoDigits.format(value) : count(value);
}

/** Whole sentences, the first in any case, of at most so many characters together. */
export function firstSentences(text: string, mostChars: number): string {
  const sentences = text.split(/(?<=\.) (?=\p{Lu}|\d)/u);
  let kept = sentences[0] ?? '';
  for (const sentence of sentences.slice(1)) {
    if (kept.length + 1 + sentence.length > mostChars) break;
    kept += ` ${sentence}`;
  }
  return kept;
}

/** "1 line", "3,912 lines". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function bits(value: number): string {
  return value.toFixed(1);
}

function superscript(value: number): string {
  const digits = String(Math.abs(value)).replace(/\d/g, (digit) => superscripts[Number(digit)] ?? digit);
  return value < 0 ? `⁻${digits}` : digits;
}

/** 0.0000014 → "1.4 × 10⁻⁶". */
export function power(value: number): string {
  if (value === 0) return '0';
  let exponent = Math.floor(Math.log10(value));
  let factor = value / 10 ** exponent;
  if (Number(factor.toFixed(1)) >= 10) {
    factor /= 10;
    exponent += 1;
  }
  return `${factor.toFixed(1)} × 10${superscript(exponent)}`;
}

/** 0.31 → "31 %". */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.05) return '< 0.1 %';
  if (value > 0 && value < 1) return `${value.toFixed(1)} %`;
  // Never rounds up to a certainty that the number does not have.
  if (value > 99 && value < 100) return `${(Math.floor(value * 10) / 10).toFixed(1)} %`;
  return `${Math.round(value)} %`;
}

/** A probability: a share from 1 % up, a power of ten below. */
export function probability(value: number): string {
  return value >= 0.01 ? percent(value) : power(value);
}

/** -log10 p as "2.0 × 10⁻⁴". */
export function scoreAsProbability(score: number): string {
  return power(10 ** -score);
}

/** Surprise as odds with three significant digits: 14.2 bits → "1 in 18,800". */
export function odds(surpriseBits: number): string {
  const one = 2 ** Math.max(0, surpriseBits);
  if (one < 10) return `1 in ${Number(one.toFixed(1))}`;
  if (one >= 1e9) return `1 in ${power(one)}`;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(one)) - 2);
  return `1 in ${count(Math.round(one / unit) * unit)}`;
}

/** 4404019 → "4.4 MB" (decimal units). */
export function bytes(value: number): string {
  if (value < 1000) return plural(value, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  let scaled = value / 1000;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${units[unit]}`;
}

/** "0.4 s", "12 s", "2 min 08 s", "1 h 04 min", "3 d 04 h". */
export function duration(milliseconds: number): string {
  if (milliseconds < 950) return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${pad(hours % 24)} h`;
}

/** 1900000 → "1.9 M", for columns where the exact figure does not matter. */
export function compact(value: number): string {
  if (value < 10_000) return count(value);
  if (value < 1e6) return `${Math.round(value / 1000)} k`;
  return `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} M`;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
