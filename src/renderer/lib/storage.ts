/** @file What this machine's browser keeps for its user: settings, keys, what was seen. Nothing of it is evidence, and it may be switched off. */

/** What was kept under a name; undefined where nothing readable was. */
export function kept(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is switched off or full; the choice then lasts as long as the window.
  }
}
