/** @file What other programs ask of this one, and what it sends to them. */
import { z } from 'zod';
import { type ApiState, type ApiTest, type ApiToken, type NewApiToken, longestTokenName } from '../api.ts';
import type { Output } from '../outputs.ts';
import { outputSecret, outputSettings } from '../outputsSchema.ts';
import { lineOfText, nothing, returns, uid } from './parts.ts';

export const outgoingRoutes = {
  /** The local API: whether it runs, its switch, its tokens. */
  'api.get': returns<ApiState>().from(nothing),
  'api.set': returns<ApiState>().from(
    z.strictObject({
      isOn: z.boolean(),
      port: z.number().int().min(1).max(65_535),
      perSecond: z.number().int().min(1).max(1_000_000),
    }),
  ),
  'api.test': returns<ApiTest>().from(nothing),
  'api.tokens': returns<ApiToken[]>().from(nothing),
  'api.create_token': returns<NewApiToken>().from(z.strictObject({ name: lineOfText(longestTokenName) })),
  'api.revoke_token': returns<ApiToken[]>().from(z.strictObject({ tokenId: uid })),
  'outputs.list': returns<Output[]>().from(nothing),
  /** What is switched on sends what comes from now on. `secret` of the answer was made now and is not told again. */
  'outputs.set': returns<{ outputs: Output[]; secret: string | null }>().from(
    z.strictObject({ settings: outputSettings, secret: outputSecret.optional() }),
  ),
  /** Sends one test alert, by settings that need not be kept. UNREACHABLE with the receiver's answer where it is not taken. */
  'outputs.test': returns<null>().from(z.strictObject({ settings: outputSettings, secret: outputSecret.optional() })),
};
