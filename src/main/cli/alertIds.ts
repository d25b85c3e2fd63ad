/** @file Alerts as they are called on the command line: by the id that `alerts` prints, or by the number that the app shows. */
import type { App } from '../app/createApp.ts';

/** By number as A-3 or 3: a number is never given again, so it is this alert or none. What is no number in use stays as it was typed, for the refusal to name. */
export async function alertIdOf({ parts }: App, called: string): Promise<string> {
  const number = /^(?:A-)?(\d{1,15})$/i.exec(called.trim())?.[1];
  if (number === undefined) return called;
  const found = await parts.services.store.call('find_alert', { number: Number(number) });
  return found?.alertId ?? called;
}

export function alertIdsOf(app: App, called: readonly string[]): Promise<string[]> {
  return Promise.all(called.map((one) => alertIdOf(app, one)));
}
