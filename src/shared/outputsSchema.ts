/** @file What an output may be set to, for the route and the command line. */
import { z } from 'zod';
import { syslogTransports, type OutputSettings } from './outputs.ts';

/** A name and a password in an address would stand in every log of the way. */
const address = z
  .url({ protocol: /^https?$/, error: 'The address begins with http:// or https:// and names a host.' })
  .max(2000)
  .refine((url) => {
    if (!URL.canParse(url)) return true; // said above
    const { username, password } = new URL(url);
    return username === '' && password === '';
  }, 'The address must not hold a name or a password.');
/** As names and addresses of hosts are written; what else there is would be no host. */
const hostName = z.string().regex(/^[\p{L}\p{N}.:_-]{1,253}$/u, 'The host is a name or an address, without a port.');

export const outputTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), url: address }),
  z.strictObject({
    kind: z.literal('splunk'),
    url: address,
    index: z
      .string()
      .regex(/^[a-z0-9_][a-z0-9_-]{0,79}$/, 'An index is named by small letters, digits, _ and -.')
      .nullable(),
  }),
  z.strictObject({
    kind: z.literal('syslog'),
    host: hostName,
    port: z.number().int().min(1).max(65_535),
    transport: z.enum(syslogTransports),
  }),
]);

export const outputSettings = z.strictObject({
  target: outputTarget,
  isOn: z.boolean(),
  minSeverity: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]),
  sendsLine: z.boolean(),
}) satisfies z.ZodType<OutputSettings>;

/** A collector's token, or what a webhook's requests are signed with. */
export const outputSecret = z
  .string()
  .trim()
  .min(8, 'A secret has at least 8 characters.')
  .max(500)
  .regex(/^[\x21-\x7e]+$/, 'A secret has letters, digits and signs, and no spaces.');
