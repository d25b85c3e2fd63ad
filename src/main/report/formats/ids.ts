/** @file UUIDs that follow from what they name (RFC 9562, version 5), so that the same case exports under the same ids. */
import { createHash } from 'node:crypto';

/** `version` 4 is for what must bear it (STIX, of objects without identifying properties): the bits are those of the hash all the same. */
export function uuidOf(namespace: string, name: string, version: 4 | 5 = 5): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Of everything that is ours. Drawn once, by chance. */
export const ourNamespace = '6a0f3c0e-7f55-4a0b-9d54-0b1f0f6f2c11';
