/**
 * @file The kinds of token: words, and the typed placeholders for values. A kind is a number that the scanner assigns by structure;
 * no text can name one, so a line that contains `<IP>` holds the word "IP".
 */

export const tokenKinds = {
  word: 0,
  ip4Private: 1,
  ip4: 2,
  ip6Private: 3,
  ip6: 4,
  port: 5,
  mac: 6,
  hex: 7,
  uuid: 8,
  number: 9,
  path: 10,
  pathEtc: 11,
  pathTemporary: 12,
  pathHome: 13,
  url: 14,
  query: 15,
  email: 16,
  hash: 17,
  base64: 18,
  timestamp: 19,
  block: 20,
  request: 21,
  user: 22,
  host: 23,
  /** A name with digits in it that tells one thing from its like: `attempt_1500000000001_0007_m_000042_1`. */
  id: 24,
  /** A client's description of itself behind its first word. */
  agent: 25,
  /** A word too long to be one. */
  long: 26,
  /** Everything behind the limit of tokens or characters. */
  tail: 27,
  /** Number, hex, id or hash: where lines of a template differ in which. Never assigned to a token. */
  value: 28,
  /** An address inside, or one outside or a host by name: as `value`. */
  addressInside: 29,
  address: 30,
  /** A dash by itself: a value that is not there. */
  none: 31,
  size: 32,
  duration: 33,
  version: 34,
} as const;

export type TokenKind = (typeof tokenKinds)[keyof typeof tokenKinds];

const displayNames: Readonly<Record<TokenKind, string>> = {
  [tokenKinds.word]: '<WORD>',
  [tokenKinds.ip4Private]: '<IP:private>',
  [tokenKinds.ip4]: '<IP>',
  [tokenKinds.ip6Private]: '<IP6:private>',
  [tokenKinds.ip6]: '<IP6>',
  [tokenKinds.port]: '<PORT>',
  [tokenKinds.mac]: '<MAC>',
  [tokenKinds.hex]: '<HEX>',
  [tokenKinds.uuid]: '<UUID>',
  [tokenKinds.number]: '<NUM>',
  [tokenKinds.path]: '<PATH>',
  [tokenKinds.pathEtc]: '<PATH:etc>',
  [tokenKinds.pathTemporary]: '<PATH:tmp>',
  [tokenKinds.pathHome]: '<PATH:home>',
  [tokenKinds.url]: '<URL>',
  [tokenKinds.query]: '<QUERY>',
  [tokenKinds.email]: '<EMAIL>',
  [tokenKinds.hash]: '<HASH>',
  [tokenKinds.base64]: '<B64>',
  [tokenKinds.timestamp]: '<TS>',
  [tokenKinds.block]: '<BLOCK>',
  [tokenKinds.request]: '<REQ>',
  [tokenKinds.user]: '<USER>',
  [tokenKinds.host]: '<HOST>',
  [tokenKinds.id]: '<ID>',
  [tokenKinds.agent]: '<AGENT>',
  [tokenKinds.long]: '<LONG>',
  [tokenKinds.tail]: '<TAIL>',
  [tokenKinds.value]: '<VALUE>',
  [tokenKinds.addressInside]: '<ADDR:private>',
  [tokenKinds.address]: '<ADDR>',
  [tokenKinds.none]: '<NONE>',
  [tokenKinds.size]: '<SIZE>',
  [tokenKinds.duration]: '<DURATION>',
  [tokenKinds.version]: '<VERSION>',
};

/** The name a placeholder is shown by. */
export function kindName(kind: number): string {
  return displayNames[kind as TokenKind] ?? '<*>';
}

/** Kinds that are finer classes of a broader one; where lines of a template differ only in these, the broader one remains. */
const broader = new Int8Array(64);
for (const kind of Object.values(tokenKinds)) broader[kind] = kind;
const families: readonly (readonly [broader: TokenKind, kinds: readonly TokenKind[]])[] = [
  [tokenKinds.path, [tokenKinds.pathEtc, tokenKinds.pathTemporary, tokenKinds.pathHome]],
  [
    tokenKinds.value,
    [
      tokenKinds.number,
      tokenKinds.port,
      tokenKinds.hex,
      tokenKinds.id,
      tokenKinds.hash,
      tokenKinds.base64,
      tokenKinds.uuid,
      tokenKinds.block,
      tokenKinds.request,
      tokenKinds.none,
      tokenKinds.size,
      tokenKinds.duration,
      tokenKinds.version,
    ],
  ],
  [tokenKinds.addressInside, [tokenKinds.ip4Private, tokenKinds.ip6Private]],
  [tokenKinds.address, [tokenKinds.ip4, tokenKinds.ip6, tokenKinds.host]],
];
for (const [family, kinds] of families) for (const kind of kinds) broader[kind] = family;

/** The broader kind of a placeholder; its own where there is none. */
export function broaderKind(kind: number): number {
  return broader[kind] ?? kind;
}

/** Whether one is an address inside the network and the other outside: a difference that is never generalised away. */
export function isAcrossBorder(kind: number, other: number): boolean {
  const inside = tokenKinds.addressInside;
  const outside = tokenKinds.address;
  const left = broaderKind(kind);
  const right = broaderKind(other);
  return (left === inside && right === outside) || (left === outside && right === inside);
}
