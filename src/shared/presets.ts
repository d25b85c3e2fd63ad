/** @file The ways in which events are judged: by all detectors within an alert budget, or by the rule of a published method. */

export const presetKinds = ['budget', 'top_k', 'tutorial'] as const;
export type PresetKind = (typeof presetKinds)[number];

/**
 * Budget: all detectors together, at the p-value that the alert budget allows. Top-K (LogGPT): what is not among the K kinds that the model most
 * expects; `k` null is half of the kinds, as published. Tutorial: windows of ten lines by perplexity, z-score and isolation forest.
 */
export type Preset = { kind: 'budget' } | { kind: 'top_k'; k: number | null } | { kind: 'tutorial' };
export const defaultPreset: Preset = { kind: 'budget' };

export const presetNames: Record<PresetKind, string> = { budget: 'Budget', top_k: 'Top-K', tutorial: 'Tutorial' };

/** Where K would take in nearly every kind, hardly anything could alert: LogGPT's own limit. */
const mostOfKinds = 0.95;

/** K for a model of so many kinds of line. */
export function topKOf(k: number | null, kinds: number): number {
  const most = Math.max(1, Math.floor(mostOfKinds * kinds));
  return Math.min(most, k ?? Math.max(1, Math.ceil(kinds / 2)));
}

export function isSamePreset(one: Preset, other: Preset): boolean {
  return one.kind === other.kind && (one.kind !== 'top_k' || other.kind !== 'top_k' || one.k === other.k);
}

/** What a rule found of an event that alerts by it: numbers alone. */
export type RuleFinding =
  | { kind: 'top_k'; k: number; kinds: number }
  /** `confidence` is the language model's, min(1, perplexity / threshold - 1); `consensus` the mean of weight times confidence of all three. */
  | { kind: 'tutorial'; perplexity: number; perplexityThreshold: number; confidence: number; consensus: number };
