/** @file Networks of addresses. Catches two neighbours taken for strangers, strangers for neighbours, and an outsider taken for one of ours. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf } from '../../src/main/text/network.ts';

describe('the network', () => {
  it.each([
    ['10.20.3.4', '10.20.3', true],
    ['10.20.3.99:51022', '10.20.3', true],
    ['203.0.113.7', '203.0.113', false],
    ['172.31.0.1', '172.31.0', true],
    ['172.32.0.1', '172.32.0', false],
    ['127.0.0.1', '127.0.0', true],
    ['169.254.10.1', '169.254.10', true],
    ['::1', '0:0:0', true],
    ['fe80::1%eth0', 'fe80:0:0', true],
    ['fd12:3456:789a::1', 'fd12:3456:789a', true],
    ['2001:db8:1:2::5', '2001:db8:1', false],
    ['[2001:0DB8:0001:9::7]', '2001:db8:1', false],
    ['2001:db8::5', '2001:db8:0', false],
    // One address, however it is written.
    ['::ffff:203.0.113.9', '203.0.113', false],
    ['::ffff:10.0.0.9', '10.0.0', true],
    ['::ffff:cb00:7109', '203.0.113', false],
    // Names: one of many of a provider is the provider's.
    ['220-135-151-1.hinet-ip.hinet.net', 'hinet-ip.hinet.net', false],
    ['Example.NET', 'example.net', false],
    ['backup-host', 'backup-host', true],
    ['ws1.corp.local', 'corp.local', true],
  ])('of %s is %s', (address, text, isInside) => {
    expect(networkOf(address)).toEqual({ text, isInside });
  });

  it.each(['', '-', '?', '999.1.1.1', '10.0.0', '...', 'a b.c', '10.0.0.1x', '1:2:3', '\ud800', 'x'.repeat(300)])(
    'of %j is none',
    (text) => {
      expect(networkOf(text)).toBeNull();
    },
  );

  it('is the same for the same /24 or /48, and one for all texts without failing', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, byte, byte, (a, b, c, d, e) => {
        expect(networkOf(`${a}.${b}.${c}.${d}`)).toEqual(networkOf(`${a}.${b}.${c}.${e}`));
        expect(networkOf(`${a}.${b}.${c}.${d}`)?.text).not.toBe(networkOf(`${a}.${b}.${(c + 1) % 256}.${d}`)?.text);
      }),
    );
    fc.assert(fc.property(fc.ipV6(), (address) => networkOf(address) !== null));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abf:.[]%-x \ud800') }), (text) => {
        const network = networkOf(text);
        expect(network === null || network.text.length > 0).toBe(true);
      }),
    );
  });
});
