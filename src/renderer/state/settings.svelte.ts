/** @file What this window remembers for its user: theme, font size, motion, time zone, widths. Kept by the browser; nothing here is evidence. */
import { keep, kept } from '../lib/storage.ts';
import { isZone, offsetText, systemZone } from '../lib/time.ts';

export const themes = ['dark', 'light', 'contrast'] as const;
export type Theme = (typeof themes)[number];
export const themeChoices = ['system', ...themes] as const;
export type ThemeChoice = (typeof themeChoices)[number];
/** Per cent of the browser's own size. */
export const fontSizes = [90, 100, 110, 125, 150, 175, 200] as const;
export type FontSize = (typeof fontSizes)[number];
export const motionChoices = ['system', 'less'] as const;
export type MotionChoice = (typeof motionChoices)[number];
/** From which severity on a new alert is told outside the window; 0: none. */
export const notifyChoices = [0, 5, 4] as const;
export type NotifyFrom = (typeof notifyChoices)[number];

type Saved = {
  theme: ThemeChoice;
  zone: string;
  detailRem: number;
  fontSize: FontSize;
  motion: MotionChoice;
  notifyFrom: NotifyFrom;
  hasSeenTour: boolean;
};

const storageKey = 'surprisal.settings';
const defaults: Saved = {
  theme: 'system',
  zone: 'local',
  detailRem: 35,
  fontSize: 100,
  motion: 'system',
  notifyFrom: 0,
  hasSeenTour: false,
};
const tickMs = 20_000;
/** 420 to 900 px at the normal font size. */
export const detailLimitsRem = { least: 26.25, most: 56.25 } as const;

export class Settings {
  #saved = $state.raw<Saved>(read());
  now = $state(Date.now());
  #system = $state({ isDark: true, wantsContrast: false, wantsLessMotion: false });
  readonly theme = $derived(this.#saved.theme);
  /** "local" or an IANA zone. */
  readonly zoneChoice = $derived(this.#saved.zone);
  readonly detailRem = $derived(this.#saved.detailRem);
  readonly fontSize = $derived(this.#saved.fontSize);
  readonly motion = $derived(this.#saved.motion);
  readonly notifyFrom = $derived(this.#saved.notifyFrom);
  readonly hasSeenTour = $derived(this.#saved.hasSeenTour);
  readonly zone = $derived(this.zoneChoice === 'local' ? systemZone() : this.zoneChoice);
  /** Of now; a time of another season may have another one. */
  readonly zoneOffset = $derived(offsetText(this.now, this.zone));
  readonly resolvedTheme = $derived<Theme>(
    this.theme !== 'system'
      ? this.theme
      : this.#system.wantsContrast
        ? 'contrast'
        : this.#system.isDark
          ? 'dark'
          : 'light',
  );
  readonly hasLessMotion = $derived(this.motion === 'less' || this.#system.wantsLessMotion);

  /** Follows the system's wishes and the clock. Returns what ends it. */
  start(): () => void {
    const wishes = {
      isDark: matchMedia('(prefers-color-scheme: dark)'),
      wantsContrast: matchMedia('(prefers-contrast: more)'),
      wantsLessMotion: matchMedia('(prefers-reduced-motion: reduce)'),
    };
    const follow = (): void => {
      const { isDark, wantsContrast, wantsLessMotion } = wishes;
      this.#system = {
        isDark: isDark.matches,
        wantsContrast: wantsContrast.matches,
        wantsLessMotion: wantsLessMotion.matches,
      };
    };
    follow();
    for (const wish of Object.values(wishes)) wish.addEventListener('change', follow);
    const timer = setInterval(() => {
      this.now = Date.now();
    }, tickMs);
    return () => {
      for (const wish of Object.values(wishes)) wish.removeEventListener('change', follow);
      clearInterval(timer);
    };
  }

  setTheme(theme: ThemeChoice): void {
    this.#change({ theme });
  }

  /** The switch in the title bar: dark where it is not, else light, whatever the system says. */
  flipTheme(): void {
    this.setTheme(this.resolvedTheme === 'dark' ? 'light' : 'dark');
  }

  setFontSize(fontSize: FontSize): void {
    this.#change({ fontSize });
  }

  /** One size up or down. */
  stepFontSize(step: 1 | -1): void {
    const next = fontSizes[fontSizes.indexOf(this.fontSize) + step];
    if (next !== undefined) this.setFontSize(next);
  }

  setMotion(motion: MotionChoice): void {
    this.#change({ motion });
  }

  setZone(zone: string): void {
    this.#change({ zone });
    this.now = Date.now();
  }

  flipZone(): void {
    this.setZone(this.zoneChoice === 'UTC' ? 'local' : 'UTC');
  }

  setDetailWidth(rem: number): void {
    this.#change({ detailRem: Math.min(detailLimitsRem.most, Math.max(detailLimitsRem.least, rem)) });
  }

  setNotifyFrom(notifyFrom: NotifyFrom): void {
    this.#change({ notifyFrom });
  }

  endTour(): void {
    this.#change({ hasSeenTour: true });
  }

  startTour(): void {
    this.#change({ hasSeenTour: false });
  }

  #change(change: Partial<Saved>): void {
    this.#saved = { ...this.#saved, ...change };
    keep(storageKey, this.#saved);
  }
}

/** What was kept, each part as far as it makes sense. */
function read(): Saved {
  const found = { ...defaults, ...(kept(storageKey) as Partial<Saved> | undefined) };
  const oneOf = <T>(choices: readonly T[], value: T, other: T): T => (choices.includes(value) ? value : other);
  const fitsWidth = found.detailRem >= detailLimitsRem.least && found.detailRem <= detailLimitsRem.most;
  return {
    theme: oneOf(themeChoices, found.theme, defaults.theme),
    zone: found.zone === 'local' || isZone(found.zone) ? found.zone : defaults.zone,
    detailRem: fitsWidth ? found.detailRem : defaults.detailRem,
    fontSize: oneOf(fontSizes, found.fontSize, defaults.fontSize),
    motion: oneOf(motionChoices, found.motion, defaults.motion),
    notifyFrom: oneOf(notifyChoices, found.notifyFrom, defaults.notifyFrom),
    hasSeenTour: found.hasSeenTour === true,
  };
}
