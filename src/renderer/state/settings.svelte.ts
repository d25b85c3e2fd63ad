/** @file What this window remembers for its user: theme, time zone, widths. Kept by the browser; nothing here is evidence. */
import { isZone, offsetText, systemZone } from '../lib/time.ts';

export type ThemeChoice = 'system' | 'dark' | 'light';
export const themeChoices: readonly ThemeChoice[] = ['system', 'dark', 'light'];

type Saved = { theme: ThemeChoice; zone: string; detailRem: number };

const storageKey = 'surprisal.settings';
const defaults: Saved = { theme: 'system', zone: 'local', detailRem: 35 };
const tickMs = 20_000;
/** 420 to 900 px at the normal font size. */
export const detailLimitsRem = { least: 26.25, most: 56.25 } as const;

export class Settings {
  theme = $state<ThemeChoice>(defaults.theme);
  /** "local" or an IANA zone. */
  zoneChoice = $state<string>(defaults.zone);
  detailRem = $state(defaults.detailRem);
  now = $state(Date.now());
  systemIsDark = $state(true);
  readonly zone = $derived(this.zoneChoice === 'local' ? systemZone() : this.zoneChoice);
  readonly zoneOffset = $derived(offsetText(this.now, this.zone));
  readonly resolvedTheme = $derived<'dark' | 'light'>(
    this.theme === 'system' ? (this.systemIsDark ? 'dark' : 'light') : this.theme,
  );

  constructor() {
    const saved = read();
    this.theme = saved.theme;
    this.zoneChoice = saved.zone;
    this.detailRem = saved.detailRem;
  }

  /** Follows the system's theme and the clock. Returns what ends it. */
  start(): () => void {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => {
      this.systemIsDark = query.matches;
    };
    follow();
    query.addEventListener('change', follow);
    const timer = setInterval(() => {
      this.now = Date.now();
    }, tickMs);
    return () => {
      query.removeEventListener('change', follow);
      clearInterval(timer);
    };
  }

  setTheme(theme: ThemeChoice): void {
    this.theme = theme;
    this.#save();
  }

  /** The switch in the title bar: the other of the two, whatever the system says. */
  flipTheme(): void {
    this.setTheme(this.resolvedTheme === 'dark' ? 'light' : 'dark');
  }

  setZone(zone: string): void {
    this.zoneChoice = zone;
    this.now = Date.now();
    this.#save();
  }

  flipZone(): void {
    this.setZone(this.zoneChoice === 'UTC' ? 'local' : 'UTC');
  }

  setDetailWidth(rem: number): void {
    this.detailRem = Math.min(detailLimitsRem.most, Math.max(detailLimitsRem.least, rem));
    this.#save();
  }

  #save(): void {
    const saved = { theme: this.theme, zone: this.zoneChoice, detailRem: this.detailRem };
    try {
      localStorage.setItem(storageKey, JSON.stringify(saved));
    } catch {
      // Storage may be switched off; the choice then lasts as long as the window.
    }
  }
}

function read(): Saved {
  try {
    const found = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Saved>;
    const saved = { ...defaults, ...found };
    if (!themeChoices.includes(saved.theme)) saved.theme = defaults.theme;
    if (saved.zone !== 'local' && !isZone(saved.zone)) saved.zone = defaults.zone;
    if (!(saved.detailRem >= detailLimitsRem.least && saved.detailRem <= detailLimitsRem.most)) {
      saved.detailRem = defaults.detailRem;
    }
    return saved;
  } catch {
    return defaults;
  }
}
