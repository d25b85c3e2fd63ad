/** @file The values inside a line that a person may pick: what its header names, and what masking puts placeholders for. */
import type { LinePart, LinePartKind, ParsedLine, Span } from '../../shared/lines.ts';
import { tokenKinds } from './kinds.ts';
import type { Tokens } from './tokens.ts';

const partKinds: Readonly<Partial<Record<number, LinePartKind>>> = {
  [tokenKinds.ip4Private]: 'address',
  [tokenKinds.ip4]: 'address',
  [tokenKinds.ip6Private]: 'address',
  [tokenKinds.ip6]: 'address',
  [tokenKinds.user]: 'user',
  [tokenKinds.host]: 'host',
  [tokenKinds.path]: 'path',
  [tokenKinds.pathEtc]: 'path',
  [tokenKinds.pathTemporary]: 'path',
  [tokenKinds.pathHome]: 'path',
  [tokenKinds.pathOdd]: 'path',
  [tokenKinds.url]: 'url',
  [tokenKinds.urlOdd]: 'url',
  [tokenKinds.email]: 'mail address',
  [tokenKinds.port]: 'number',
  [tokenKinds.number]: 'number',
  [tokenKinds.size]: 'number',
  [tokenKinds.duration]: 'number',
  [tokenKinds.mac]: 'value',
  [tokenKinds.hex]: 'value',
  [tokenKinds.uuid]: 'value',
  [tokenKinds.query]: 'value',
  [tokenKinds.queryOdd]: 'value',
  [tokenKinds.hash]: 'value',
  [tokenKinds.base64]: 'value',
  [tokenKinds.block]: 'value',
  [tokenKinds.request]: 'value',
  [tokenKinds.id]: 'value',
  [tokenKinds.long]: 'value',
  [tokenKinds.version]: 'value',
};

const mostParts = 200;
/** Masking keeps the words of a request's path; to pick, it is one value. */
const wholePath = /(?<=^|[\s"'=([])\/[^\s"'<>?;,)\]]+/g;

/** In the order of the line, without overlap: what the header names goes before what the message's tokens are. */
export function lineParts(raw: string, parsed: ParsedLine, tokens: Tokens): LinePart[] {
  const parts: LinePart[] = [];
  const add = (span: Span | null, kind: LinePartKind | undefined): void => {
    if (!span || kind === undefined || span.end <= span.start || span.end > raw.length) return;
    if (parts.length < mostParts && parts.every(({ start, end }) => span.end <= start || span.start >= end))
      parts.push({ start: span.start, end: span.end, kind });
  };
  add(parsed.user, 'user');
  add(parsed.host, 'host');
  add(parsed.subject, 'address');
  add(parsed.process, 'process');
  add(parsed.processId, 'number');
  const message = raw.slice(parsed.message.start, parsed.message.end);
  for (const { index, 0: path } of message.matchAll(wholePath)) {
    const start = parsed.message.start + index;
    add({ start, end: start + path.length }, 'path');
  }
  for (const { kind, start, end } of tokens) add({ start, end }, partKinds[kind]);
  return parts.sort((one, other) => one.start - other.start);
}
