/** @file What the inputs of several routes are made of, and how a route is written: `returns<Output>().from(inputSchema)`. */
import { z } from 'zod';
import { queueTabs } from '../alertLists.ts';

export const nothing = z.strictObject({});
export const uid = z.string().min(1).max(64);
export const rowId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const budget = z.strictObject({ alerts: z.number().min(0.001).max(1_000_000), per: z.enum(['day', '100k']) });
/** One line of text: control characters, a NUL among them, are spaces in it. */
export const lineOfText = (longest: number) =>
  z
    .string()
    .transform((text) => text.replace(/\p{Cc}+/gu, ' ').trim())
    .pipe(z.string().min(1).max(longest));
export const title = lineOfText(200);
export const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31);
/** IANA name. */
export const zone = z.string().min(1).max(64);
export const noteText = z.string().max(20_000);
export const filterText = z.string().max(2000);
export const alertQuery = {
  tab: z.enum(queueTabs).default('open'),
  /** In the filter language. */
  filter: filterText.default(''),
  zone: zone.default('UTC'),
  asOf: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable().default(null),
};
/** Alerts by id, or all that a list has but for some. */
export const selection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ids'), ids: z.array(uid).max(10_000) }),
  z.strictObject({
    kind: z.literal('query'),
    query: z.strictObject(alertQuery),
    except: z.array(uid).max(10_000).default([]),
  }),
]);
/** `returns<Output>().from(inputSchema)`: the output is a type only. */
export const returns = <O>() => ({
  from: <I extends z.ZodType>(input: I): { input: I; output: O } => ({ input, output: undefined as O }),
});
