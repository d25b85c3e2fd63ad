/** @file Types of electron.mjs, which runs on whatever Node is there. */
type Environment = Record<string, string | undefined>;

export function electronPath(root: string, env?: Environment): string | undefined;
export function hasDisplay(env?: Environment): boolean;
export function whyNoElectron(
  root: string,
  options: { env?: Environment; say: (text: string) => void; download?: (root: string) => string },
): string | undefined;
