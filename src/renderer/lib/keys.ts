/**
 * @file Key specs such as "1", "Shift+J", "Mod+K" or the chord "G Q", and how a key event matches one. Letters match by what they
 * type; where a layout types no Latin letter (or no digit unshifted), the key's place decides.
 */

/** The part of a KeyboardEvent that matching needs, so that tests need no browser. */
export type KeyStroke = {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
};

type Stroke = { key: string; isMod: boolean; isAlt: boolean; isShift: boolean };

const capNames: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  Delete: 'Del',
  '-': '−',
};

/** One element per stroke: ["G", "Q"] for a chord. */
export function strokesOf(spec: string): string[] {
  return spec.split(' ');
}

function parseStroke(stroke: string): Stroke {
  // "+" itself is a key: "Shift++" splits badly, so a trailing plus is taken first.
  const isPlus = stroke === '+' || stroke.endsWith('++');
  const names = isPlus ? stroke.slice(0, -1).split('+') : stroke.split('+');
  const key = isPlus ? '+' : (names.pop() ?? '');
  return { key, isMod: names.includes('Mod'), isAlt: names.includes('Alt'), isShift: names.includes('Shift') };
}

const isLetter = (key: string): boolean => /^[A-Za-z]$/.test(key);
const isDigit = (key: string): boolean => /^\d$/.test(key);

/** Symbols such as "?" already say whether Shift was held; letters and named keys do not. */
function shiftMatters(key: string): boolean {
  return isLetter(key) || key.length > 1;
}

function modifiersMatch(wanted: Stroke, event: KeyStroke, isMac: boolean): boolean {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const otherMod = isMac ? event.ctrlKey : event.metaKey;
  if (mod !== wanted.isMod || otherMod || event.altKey !== wanted.isAlt) return false;
  return shiftMatters(wanted.key) ? event.shiftKey === wanted.isShift : true;
}

const nameOf = (key: string): string => (key === ' ' ? 'Space' : key);

/** By what the key types. */
export function matchesKey(stroke: string, event: KeyStroke, isMac: boolean): boolean {
  const wanted = parseStroke(stroke);
  if (!modifiersMatch(wanted, event, isMac)) return false;
  return wanted.key.toLowerCase() === nameOf(event.key).toLowerCase();
}

/** Strokes that put no character into a text field. */
export const typesNothing = /^(Mod\+|Alt\+|(Shift\+)?F\d+$)/;

/** Keys that only say which other key is meant, and those that a binding must not take: going on, and rubbing out. */
const unbindable: ReadonlySet<string> = new Set([
  ...['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'],
  ...['Tab', 'Backspace'],
]);

/** The stroke of a key event as a spec; null where it cannot be bound. */
export function strokeOf(event: KeyStroke, isMac: boolean): string | null {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const otherMod = isMac ? event.ctrlKey : event.metaKey;
  if (otherMod || unbindable.has(event.key)) return null;
  const place = /^(?:Key([A-Z])|Digit(\d))$/.exec(event.code);
  const isLatin = event.key.length > 1 || event.key.codePointAt(0)! < 0x250;
  // With Alt a layout types other characters; a layout may have no Latin ones. Then the key's place names it, as in `matchesPlace`.
  const byPlace = (event.altKey || !isLatin) && place ? (place[1] ?? place[2] ?? '') : '';
  const key = byPlace === '' ? nameOf(isLetter(event.key) ? event.key.toUpperCase() : event.key) : byPlace;
  const isShift = event.shiftKey && shiftMatters(key);
  return `${mod ? 'Mod+' : ''}${event.altKey ? 'Alt+' : ''}${isShift ? 'Shift+' : ''}${key}`;
}

/** By where the key is, only for what a layout cannot type: a letter on a non-Latin layout, a digit where Shift would be needed. */
export function matchesPlace(stroke: string, event: KeyStroke, isMac: boolean): boolean {
  const wanted = parseStroke(stroke);
  if (!modifiersMatch(wanted, event, isMac)) return false;
  if (isDigit(wanted.key)) {
    return !isDigit(event.key) && !event.shiftKey && event.code === `Digit${wanted.key}`;
  }
  if (!isLetter(wanted.key)) return false;
  const typesLatin = event.key.length === 1 && event.key.codePointAt(0)! < 0x250;
  return (!typesLatin || event.altKey) && event.code === `Key${wanted.key.toUpperCase()}`;
}

/** A stroke as key caps: ["Ctrl", "K"]. */
export function capsOf(stroke: string, isMac: boolean): string[] {
  const wanted = parseStroke(stroke);
  const caps: string[] = [];
  if (wanted.isMod) caps.push(isMac ? '⌘' : 'Ctrl');
  if (wanted.isAlt) caps.push(isMac ? '⌥' : 'Alt');
  if (wanted.isShift) caps.push('Shift');
  caps.push(capNames[wanted.key] ?? wanted.key);
  return caps;
}
