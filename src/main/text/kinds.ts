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
  /** As attacks write them: see `oddShapes.ts`. */
  pathOdd: 35,
  queryOdd: 36,
  urlOdd: 37,
  agentOdd: 38,
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
  [tokenKinds.pathOdd]: '<PATH:odd>',
  [tokenKinds.queryOdd]: '<QUERY:odd>',
  [tokenKinds.urlOdd]: '<URL:odd>',
  [tokenKinds.agentOdd]: '<AGENT:odd>',
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

/** Pairs that a template never holds both of: inside and outside of the network, usual and odd. */
const borders: readonly (readonly [TokenKind, TokenKind])[] = [
  [tokenKinds.addressInside, tokenKinds.address],
  [tokenKinds.path, tokenKinds.pathOdd],
  [tokenKinds.query, tokenKinds.queryOdd],
  [tokenKinds.url, tokenKinds.urlOdd],
  [tokenKinds.agent, tokenKinds.agentOdd],
];
/** By broader kind: even on one side of a border, one more on the other; 0 where there is none. */
const sides = new Int8Array(64);
borders.forEach((pair, index) => pair.forEach((kind, side) => (sides[kind] = 2 * index + 2 + side)));

/** Whether two kinds differ in what is never generalised away. */
export function isAcrossBorder(kind: number, other: number): boolean {
  const side = sides[broaderKind(kind)] ?? 0;
  return side > 0 && (side ^ (sides[broaderKind(other)] ?? 0)) === 1;
}

/** Whether a dash may stand for one of these: for names of somebody or something. A request with no referrer is of another kind than one with. */
export function mayBeMissing(kind: number): boolean {
  const broad = broaderKind(kind);
  return broad === tokenKinds.user || broad === tokenKinds.address || broad === tokenKinds.addressInside;
}
