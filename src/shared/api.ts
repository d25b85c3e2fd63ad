/** @file What the app shows of its local API: the switch, whether it runs, and its tokens. */
import type { Instant } from './instant.ts';

export const defaultApiPort = 8000;
export const longestTokenName = 60;

export type ApiSettings = {
  isOn: boolean;
  port: number;
  /** Lines that one token may send a second. */
  perSecond: number;
};

export const defaultApiSettings: ApiSettings = { isOn: false, port: defaultApiPort, perSecond: 10_000 };

export type ApiState = {
  settings: ApiSettings;
  /** The port it answers on, null while it does not run. */
  runsAt: number | null;
  /** Why it does not run though it should. */
  problem: string | null;
  /** It was started by `serve`, and runs whatever is set. */
  isServed: boolean;
};

export type ApiToken = { id: string; name: string; madeAt: Instant; revokedAt: Instant | null };

/** `token` is shown this once. */
export type NewApiToken = ApiToken & { token: string };

export type ApiTest = { isFine: boolean; text: string };
