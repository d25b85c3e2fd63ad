/** @file Numbers as the product says them. */

const count = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** 0.00005 → "1 in 20,000". */
export function probabilityInWords(probability: number): string {
  if (probability <= 0) return 'less than can be said';
  if (probability > 0.5) return `${Math.round(probability * 100)} %`;
  const one = 1 / probability;
  if (one < 1e12) return `1 in ${count.format(one)}`;
  return `1 in 10^${Math.round(Math.log10(one))}`;
}

export function counted(number: number, singular: string, plural = `${singular}s`): string {
  return `${new Intl.NumberFormat('en').format(number)} ${number === 1 ? singular : plural}`;
}

/** 0.998 → "99.8 %", 0.9999 → "over 99.9 %", 0.41 → "41 %". */
export function shareInWords(share: number): string {
  if (share > 0.999) return 'over 99.9 %';
  return share >= 0.99 ? `${(share * 100).toFixed(1)} %` : `${Math.round(share * 100)} %`;
}
