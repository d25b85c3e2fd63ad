/** @file Before and after `ready`: Chromium, started once, when the app first waits for it. */
import { Browser } from './browser.ts';

let launching: Promise<Browser> | undefined;
let ready: Browser | undefined;

export function isReady(): boolean {
  return ready !== undefined;
}

export async function becomeReady(userData: string): Promise<Browser> {
  launching ??= Browser.launch(userData);
  ready = await launching;
  return ready;
}

/** Ends Chromium, if it was started. */
export async function stopBrowser(): Promise<void> {
  await ready?.stop();
}

/** Throws before the app is ready, as the constructors of Electron do. */
export function readyBrowser(what: string): Browser {
  if (!ready) throw new Error(`Cannot create ${what} before app is ready`);
  return ready;
}
