/** @file The network of an address as a log writes it: /24 of IPv4, /48 of IPv6, the domain of a host by name. */
import { isPrivateName } from './fineKinds.ts';
import { tokenKinds } from './kinds.ts';
import { endOfIp4, kindOfIp4, kindOfIp6 } from './shapes.ts';

/** `text` names the network: `10.20.3`, `2001:db8:1`, `example.net`. */
export type Network = { text: string; isInside: boolean };

const longestAddress = 45;
const longestName = 253;

/** Of an address, brackets, zone and a port behind IPv4 allowed; null where it is none. */
export function networkOf(text: string): Network | null {
  const { length } = text;
  if (text[0] === '[' && text[length - 1] === ']') return networkOf(text.slice(1, -1));
  const ip4End = endOfIp4(text, 0, length);
  if (ip4End >= 0) return ip4End === length || text[ip4End] === ':' ? networkOfIp4(text.slice(0, ip4End)) : null;
  const [address = ''] = text.split('%', 1);
  if (address.length <= longestAddress) {
    const kind = kindOfIp6(address, 0, address.length);
    if (kind >= 0) return networkOfIp6(address.toLowerCase(), kind === tokenKinds.ip6Private);
  }
  return networkOfName(text);
}

function networkOfIp4(text: string): Network {
  const parts = text.split('.', 3).map(Number);
  return { text: parts.join('.'), isInside: kindOfIp4(text, 0) === tokenKinds.ip4Private };
}

function networkOfIp6(text: string, isInside: boolean): Network {
  const quad = text.lastIndexOf(':') + 1;
  // An IPv4 address in the last 32 bits stands for two groups.
  const head = text.includes('.') ? `${text.slice(0, quad)}0:0` : text;
  const [before = '', after] = head.split('::', 2);
  const left = groupsOf(before);
  const right = groupsOf(after ?? '');
  const missing = after === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<number>(missing).fill(0), ...right];
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    const [high = 0, low = 0] = groups.slice(6);
    return networkOfIp4(text.includes('.') ? text.slice(quad) : [high >> 8, high & 255, low >> 8, low & 255].join('.'));
  }
  const named = groups.slice(0, 3).map((group) => group.toString(16));
  return { text: named.join(':'), isInside };
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** `dsl-7.city.example.net` is one of many of `city.example.net`. */
function networkOfName(text: string): Network | null {
  const name = text.toLowerCase();
  if (name.length > longestName || !/[a-z]/.test(name) || !/^[\w-]+(?:\.[\w-]+)*\.?$/.test(name)) return null;
  const isOneOfMany = name.indexOf('.') < name.lastIndexOf('.');
  return { text: isOneOfMany ? name.slice(name.indexOf('.') + 1) : name, isInside: isPrivateName(name) };
}
