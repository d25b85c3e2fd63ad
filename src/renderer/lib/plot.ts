/** @file What plots are made of, and their arithmetic: ticks that people count in, stacking, labels that do not cover one another. */

/** `token`: a colour of styles/tokens.css, without the dashes. */
export type PlotSeries = {
  name: string;
  token: string;
  kind: 'line' | 'step' | 'bars';
  values: readonly (number | null)[];
  isDashed?: boolean;
  isThin?: boolean;
  /** Each value as a dot: those that stand alone would not be seen. */
  hasPoints?: boolean;
};
/** A dashed line across the plot with a word at its end. */
export type PlotLine = { at: number; axis: 'x' | 'y'; text: string };
/** A point with its value beside it. */
export type PlotMark = { x: number; y: number; text: string; token: string };

/** The values as they are drawn: bars on the sum of the bars before them, lines as they are. */
export function stacked(series: readonly PlotSeries[]): (number | null)[][] {
  const below: number[] = [];
  return series.map(({ kind, values }) =>
    kind === 'bars' ? values.map((value, index) => (below[index] = (below[index] ?? 0) + (value ?? 0))) : [...values],
  );
}

/** The highest sum of the bars and the highest point of the lines. */
export function highest(series: readonly PlotSeries[]): number {
  return stacked(series)
    .flat()
    .reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

/** A round number at or above the value. */
export function niceTop(value: number): number {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => each * unit >= value) ?? 10;
  return Number((factor * unit).toPrecision(2));
}

/** From zero to `top` in at most `wanted` round steps. */
export function ticks(top: number, wanted: number): number[] {
  const unit = 10 ** Math.floor(Math.log10(top));
  const steps = [0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5].map((each) => each * unit).filter((each) => top / each <= wanted);
  // The top has its tick, too, where one of these steps ends there.
  const step = steps.find((each) => Number.isInteger(Number((top / each).toPrecision(6)))) ?? steps[0] ?? top;
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, index) => Number((index * step).toPrecision(4)));
}

/** Axis for counts: zero to a round number, whole ticks only. */
export function countAxis(most: number): { range: [number, number]; ticks: number[] } {
  const top = Math.max(1, niceTop(Math.ceil(most)));
  return { range: [0, top], ticks: ticks(top, 4).filter(Number.isInteger) };
}

/** Every so many of `length` places, so that at most `wanted` are named, the last one among them. */
export function placesNamed(length: number, wanted: number): number[] {
  const every = Math.max(1, Math.ceil(length / wanted));
  return Array.from({ length }, (_, index) => index).filter((index) => (length - 1 - index) % every === 0);
}

/** Heights for labels that want to be at `wanted`, moved down where one would cover the one above it. */
export function labelPlaces(wanted: readonly number[], labelHeight: number): number[] {
  const places = [...wanted];
  const order = [...wanted.keys()].sort((one, other) => (wanted[one] ?? 0) - (wanted[other] ?? 0));
  order.forEach((index, position) => {
    const above = order[position - 1];
    if (above !== undefined) places[index] = Math.max(places[index] ?? 0, (places[above] ?? 0) + labelHeight);
  });
  return places;
}

/** In pixels, from the left and from the top. */
export type Box = { left: number; top: number; width: number; height: number };

function covers(one: Box, other: Box): boolean {
  return (
    one.left < other.left + other.width &&
    other.left < one.left + one.width &&
    one.top < other.top + other.height &&
    other.top < one.top + one.height
  );
}

/** The first of the places for a label that lies within and covers none that is written; else the first that covers none, else the first. */
export function freePlace(places: readonly [Box, ...Box[]], written: readonly Box[], within: Box): Box {
  const free = places.filter((place) => !written.some((other) => covers(place, other)));
  const isWithin = ({ left, top, width, height }: Box): boolean =>
    left >= within.left &&
    top >= within.top &&
    left + width <= within.left + within.width &&
    top + height <= within.top + within.height;
  return free.find(isWithin) ?? free[0] ?? places[0];
}

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
const spanSteps = [
  ...[1, 2, 5, 10, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 30].map((count) => count * minute),
  ...[1, 2, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 30, 90, 365].map((count) => count * day),
];

/** Axis for spans of time, in steps that clocks and calendars have. */
export function spanAxis(mostMs: number): { range: [number, number]; ticks: number[] } {
  const step = spanSteps.find((each) => mostMs / each <= 4) ?? (spanSteps.at(-1) as number);
  const count = Math.max(1, Math.ceil(mostMs / step));
  return { range: [0, count * step], ticks: Array.from({ length: count + 1 }, (_, index) => index * step) };
}

/** "30 s", "5 min", "2 h", "3 d": a tick of `spanAxis`. */
export function spanText(ms: number): string {
  // Whole numbers: there is room for no other.
  if (ms < minute || (ms < hour && ms % minute !== 0)) return `${ms / second} s`;
  if (ms < hour || (ms < day && ms % hour !== 0)) return `${ms / minute} min`;
  return ms < day ? `${ms / hour} h` : `${ms / day} d`;
}
