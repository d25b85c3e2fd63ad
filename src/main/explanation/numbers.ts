/** @file Numbers as people and models write them, and whether one is another one rounded. */

export const numberText = String.raw`(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[-+]?\d+)?`;

export function valueOf(text: string): number {
  return Number(text.replace(/,|%$/g, ''));
}

/** Whether `said` is `known`, rounded to the digits that it has. */
export function isRounded(said: string, known: number): boolean {
  const value = Math.abs(valueOf(said));
  if (value === known) return true;
  const digits = said.replace(/e.*$|[^\d.]/gi, '');
  const significant = digits.replace('.', '').replace(/^0+/, '').length;
  const decimals = digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0;
  if (known !== 0 && significant >= 2 && Number(known.toPrecision(Math.min(significant, 15))) === value) return true;
  // "About 14 bits" for 14.2; a number below one is not rounded away.
  return known >= 1 && decimals < 15 && Number(known.toFixed(decimals)) === value;
}
