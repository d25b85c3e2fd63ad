/**
 * @file The tutorial's text: each line as `<TIME> <LEVEL> message` with addresses, long numbers and paths masked; windows of ten lines, one line
 * apart. Whoever asks cuts the tokens. Of a line without a level, `<LEVEL>` stands as it is written here.
 */

export const windowLines = 10;
export const mostWindowTokens = 512;
export const windowSeparator = ' <SEP> ';

/** In the order in which the tutorial masks: a path behind the numbers in it. Numbers have four digits and more. */
const masks: readonly [RegExp, string][] = [
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '<IP>'],
  [/\d{4,}/g, '<NUM>'],
  [/\/\S+/g, '<PATH>'],
];

/** `level` as the line says it; null where it says none. */
export function tutorialLine(level: string | null, message: string): string {
  const masked = masks.reduce((text, [pattern, mask]) => text.replace(pattern, mask), message);
  return `<TIME> ${level === null ? '<LEVEL>' : `<${level.toUpperCase()}>`} ${masked}`;
}

/** Window i is lines i to i + 9. A log of fewer lines is one window; of none, none. */
export function* tutorialWindows(lines: readonly string[]): Generator<string> {
  const last = Math.max(0, lines.length - windowLines);
  if (lines.length === 0) return;
  for (let start = 0; start <= last; start++) yield lines.slice(start, start + windowLines).join(windowSeparator);
}

/** What the z-score and the forest look at: characters, words, distinct words, digits, capitals, and lines with a level of warning or worse. */
export function windowFeatures(window: string): Float32Array {
  const words = window.split(/\s+/).filter((word) => word !== '');
  const count = (pattern: RegExp): number => window.match(pattern)?.length ?? 0;
  return Float32Array.of(
    window.length,
    words.length,
    new Set(words).size,
    count(/\d/g),
    count(/[A-Z]/g),
    count(/<(?:WARN(?:ING)?|ERROR|CRITICAL|ALERT|FATAL|EMERG(?:ENCY)?)>/g),
  );
}

/** Of bits of each token given those before it, the first being given: e to the mean loss, as the tutorial computes it. */
export function tutorialPerplexity(bits: Float32Array): number {
  if (bits.length < 2) return 1;
  let sum = 0;
  for (let i = 1; i < bits.length; i++) sum += bits[i] ?? 0;
  return 2 ** (sum / (bits.length - 1));
}
