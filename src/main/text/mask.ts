/** @file The scanner: one pass over a message gives its words and typed placeholders. Values by shape, users by the words around them. */
import type { Span } from '../../shared/lines.ts';
import {
  bits,
  classesIn,
  classOf,
  isBlankCode,
  isDigitCode,
  isHexCode,
  isLetterCode,
  letterBits,
  plainWordBits,
} from './characters.ts';
import { tokenKinds } from './kinds.ts';
import { endOfName, isAdjacent, isOpeningName, lead, leadOfKey, leadOfWord } from './people.ts';
import { isRequest, scanRequest } from './request.ts';
import {
  endOfIp4,
  endOfSpelledStamp,
  isAccessStamp,
  isBase64,
  isHostName,
  isIdentifier,
  isMac,
  isNumber,
  isStamp,
  isTimeOfDay,
  isUuid,
  kindOfHex,
  kindOfIp4,
  kindOfIp6,
  kindOfPath,
} from './shapes.ts';
import { mostTokens, tokenFlags, Tokens } from './tokens.ts';

export const wordKind = tokenKinds.word;
/** Characters of a message that are looked at; the rest is one `tail` token. */
export const mostCharacters = 16_384;
/** A longer word is no word. */
const longestWord = 128;
/** A longer run without separators is not taken apart: that would cost its length for every cut. */
const longestChunk = 2048;
/** Most tokens that are added between two looks at the room that is left. */
const mostStepTokens = 4;
/** A chunk without any of these is punctuation. */
const meaningBits = letterBits | bits.digit | bits.underscore;
const backslash = 92;
const slash = 47;
const colon = 58;
const dash = 45;

/**
 * Tokens of the message `span` of `raw`, in order and without overlap; what lies between them only separates. Fills and returns `into`
 * where it is given. At most 128 tokens and 16,384 characters; what is behind is one `tail` token.
 */
export function tokenize(raw: string, span: Span, into: Tokens = new Tokens()): Tokens {
  into.length = 0;
  new Scanner(raw, span, into).scan();
  return into;
}

class Scanner {
  readonly #raw: string;
  readonly #start: number;
  readonly #limit: number;
  readonly #end: number;
  readonly #out: Tokens;
  /** The message is the text of a JSON value: `\n` and the like are escapes. */
  readonly #escaped: boolean;
  #position: number;
  #lead: number = lead.none;
  #leadEnd = 0;
  /** Where the room for tokens ended, or -1. */
  #fullAt = -1;

  constructor(raw: string, span: Span, out: Tokens) {
    this.#raw = raw;
    this.#start = Math.max(0, span.start);
    this.#end = Math.min(raw.length, span.end);
    this.#limit = Math.min(this.#end, this.#start + mostCharacters);
    this.#out = out;
    this.#position = this.#start;
    this.#escaped = this.#start > 0 && raw.charCodeAt(this.#start - 1) === 34 && raw.charCodeAt(0) === 123;
  }

  scan(): void {
    const raw = this.#raw;
    const limit = this.#limit;
    while (this.#position < limit) {
      const start = this.#position;
      const first = raw.charCodeAt(start);
      let union = classOf(first);
      if (union === bits.separator) {
        this.#separator(first);
        continue;
      }
      if (isLetterCode(first) && raw.charCodeAt(start + 1) === colon && this.#drivePath(start)) continue;
      let end = start + 1;
      for (; end < limit; end++) {
        const bit = classOf(raw.charCodeAt(end));
        if (bit === bits.separator) break;
        union |= bit;
      }
      this.#position = end;
      this.#chunk(start, end, union);
      if (this.#fullAt >= 0) {
        this.#out.add(tokenKinds.tail, this.#fullAt, this.#end, 0);
        return;
      }
    }
    if (limit < this.#end) this.#out.add(tokenKinds.tail, limit, this.#end, 0);
  }

  #separator(character: number): void {
    if (character !== backslash) {
      this.#position++;
      if (character === 40 && this.#raw.charCodeAt(this.#position) === 41) this.#emptyBrackets();
      return;
    }
    if (this.#escaped) {
      // `\n`, `\"`, `\\`: both characters only separate. `\u00e9` stands for a letter, its digits are kept as a word.
      const next = this.#raw.charCodeAt(this.#position + 1);
      const isEscape =
        next === 110 ||
        next === 114 ||
        next === 116 ||
        next === 98 ||
        next === 102 ||
        next === backslash ||
        next === 34;
      this.#position = Math.min(this.#limit, this.#position + (isEscape ? 2 : 1));
      return;
    }
    this.#position++;
  }

  /** ` () `, where other lines of the template have a value in the brackets. */
  #emptyBrackets(): void {
    const start = this.#position - 1;
    if (start <= this.#start || !isBlankCode(this.#raw.charCodeAt(start - 1)) || start + 2 > this.#limit) return;
    if (!this.#hasRoom(start)) return;
    this.#add(tokenKinds.word, start, start + 2, 0);
    this.#position = start + 2;
  }

  /** Whether there is room for what one step can add, and the tail; else remembers where the tail begins. */
  #hasRoom(start: number): boolean {
    if (this.#out.length < mostTokens - mostStepTokens - 1) return true;
    if (this.#fullAt < 0) this.#fullAt = start;
    return false;
  }

  /** A run without separators. */
  #chunk(start: number, end: number, union: number): void {
    if (!this.#hasRoom(start)) return;
    if (end - start > longestChunk) {
      this.#out.add(tokenKinds.long, start, end, 0);
      return;
    }
    const before = this.#lead;
    if (before !== lead.none) {
      this.#lead = lead.none;
      if (this.#afterLead(start, end, before)) return;
    } else if (this.#out.length === 0 && isOpeningName(this.#raw, start, end, this.#start)) {
      this.#add(tokenKinds.user, start, end, 0);
      return;
    }
    if ((union & ~letterBits) === 0) {
      if (isRequest(this.#raw, start, end, this.#start)) {
        const behind = scanRequest(this.#raw, start, end, this.#limit, this.#out);
        if (behind > start) {
          this.#position = behind;
          return;
        }
      }
      const stampEnd = end - start === 3 ? endOfSpelledStamp(this.#raw, start, this.#limit) : -1;
      if (stampEnd > 0) {
        this.#add(tokenKinds.timestamp, start, stampEnd, tokenFlags.digit);
        this.#position = stampEnd;
        return;
      }
      this.#word(start, end, 0);
      this.#setLead(leadOfWord(this.#raw, start, end, before), end);
    } else if (union === bits.digit) {
      this.#add(tokenKinds.number, start, end, tokenFlags.digit);
    } else {
      this.#mixed(start, end, union);
    }
  }

  #setLead(value: number, end: number): void {
    this.#lead = value;
    this.#leadEnd = end;
  }

  /** A chunk behind a word or key that may say what it is; false where it says nothing. */
  #afterLead(start: number, end: number, before: number): boolean {
    const raw = this.#raw;
    if (before === lead.command || before === lead.program) return this.#afterCommand(start, end, before);
    if (!isAdjacent(raw, this.#leadEnd, start)) return false;
    let tokenEnd = end;
    while (tokenEnd > start + 1 && isTrailing(raw.charCodeAt(tokenEnd - 1))) tokenEnd--;
    const isKey = before === lead.key || before === lead.host;
    if (isKey && this.#leadEnd !== start && raw.charCodeAt(start - 1) !== 34) return false;
    if (before === lead.host) {
      const isName = (classesIn(raw, start, tokenEnd) & letterBits) !== 0 && raw.indexOf(':', start) < 0;
      if (isName) this.#add(tokenKinds.host, start, tokenEnd, 0);
      return isName;
    }
    const nameEnd = endOfName(raw, start, tokenEnd, this.#limit, before);
    if (nameEnd <= start) return false;
    this.#add(tokenKinds.user, start, nameEnd, 0);
    this.#position = nameEnd;
    return true;
  }

  /** `COMMAND=/usr/bin/shred -u x`: the directory as a path, the program and a first argument of letters as words. */
  #afterCommand(start: number, end: number, before: number): boolean {
    const raw = this.#raw;
    for (let index = this.#leadEnd; index < start; index++) {
      const character = raw.charCodeAt(index);
      if (character !== 40 && character !== 34 && !(character === 32 && before === lead.command)) return false;
    }
    let nameEnd = end;
    while (nameEnd > start + 1 && isTrailing(raw.charCodeAt(nameEnd - 1))) nameEnd--;
    const lastSlash = raw.lastIndexOf('/', nameEnd - 1);
    let nameStart = start;
    if (lastSlash >= start && lastSlash + 1 < nameEnd) {
      nameStart = lastSlash + 1;
      if (lastSlash > start) this.#add(kindOfPath(raw, start), start, lastSlash, 0);
    }
    this.#word(nameStart, nameEnd, tokenFlags.anchor);
    if (before === lead.command) this.#firstArgument(nameEnd);
    return true;
  }

  #firstArgument(programEnd: number): void {
    const raw = this.#raw;
    if (raw.charCodeAt(programEnd) !== 32 || this.#position !== programEnd) return;
    let end = programEnd + 1;
    while (end < this.#limit && (isLetterCode(raw.charCodeAt(end)) || raw.charCodeAt(end) === dash)) end++;
    const behind = raw.charCodeAt(end);
    const isWhole = end >= this.#limit || behind === 32 || behind === 41;
    const length = end - programEnd - 1;
    if (!isWhole || length > 24 || !isLetterCode(raw.charCodeAt(end - 1))) return;
    this.#word(programEnd + 1, end, tokenFlags.anchor);
    this.#position = end;
  }

  /** A chunk with digits or signs in it: keys, paths, addresses, numbers, names; else cut at its inner punctuation. */
  #mixed(start: number, end: number, union: number): void {
    const raw = this.#raw;
    let from = start;
    let to = end;
    while (to > from && isTrailing(raw.charCodeAt(to - 1))) to--;
    while (from < to && isLeading(raw, from, to)) from++;
    if (from >= to) {
      // A dash by itself stands for a value that is not there.
      if (union === bits.dash && end === start + 1) this.#add(tokenKinds.word, start, end, 0);
      return;
    }
    const classes = from === start && to === end ? union : classesIn(raw, from, to);
    if ((classes & meaningBits) === 0 || !this.#hasRoom(from)) return;
    if ((classes & ~plainWordBits) === 0) {
      this.#word(from, to, 0);
      this.#setLead(leadOfWord(raw, from, to, lead.none), to);
      return;
    }
    if (classes === bits.digit) {
      this.#add(tokenKinds.number, from, to, tokenFlags.digit);
      return;
    }
    if ((classes & bits.slash) !== 0 && this.#withSlash(from, to, classes)) return;
    if ((classes & bits.equals) !== 0) {
      this.#keyAndValue(from, to, classes);
      return;
    }
    if ((classes & bits.at) !== 0) {
      this.#withAt(from, to);
      return;
    }
    if ((classes & bits.colon) !== 0) this.#withColon(from, to, classes);
    else this.#value(from, to, classes);
  }

  /** URLs, paths, dates; false where the slash only parts words. */
  #withSlash(start: number, end: number, classes: number): boolean {
    const raw = this.#raw;
    if ((classes & bits.colon) !== 0) {
      const scheme = raw.indexOf('://', start);
      if (scheme > start && scheme < end && isLetterCode(raw.charCodeAt(scheme - 1))) {
        let from = scheme;
        while (from > start && isLetterCode(raw.charCodeAt(from - 1))) from--;
        if (from > start) this.#mixed(start, from, classesIn(raw, start, from));
        const urlEnd = this.#endOfUrl(end);
        this.#add(tokenKinds.url, from, urlEnd, 0);
        this.#position = urlEnd;
        return true;
      }
    }
    if (isAccessStamp(raw, start, end)) {
      this.#add(tokenKinds.timestamp, start, end, tokenFlags.digit);
      return true;
    }
    const opensWithSlash = raw.charCodeAt(start) === slash;
    if (opensWithSlash && isDigitCode(raw.charCodeAt(start + 1)) && endOfIp4(raw, start + 1, end) > 0) {
      // Java writes addresses as `/10.0.0.1:5000`.
      this.#mixed(start + 1, end, classesIn(raw, start + 1, end));
      return true;
    }
    const isRelative = raw.startsWith('./', start) || raw.startsWith('../', start);
    if (opensWithSlash || isRelative) {
      if (end === start + 1) return true;
      this.#add(kindOfPath(raw, start), start, end, 0);
      if (raw.charCodeAt(end) === 63 && end + 1 < this.#limit) {
        const queryEnd = this.#endOfUrl(end + 1);
        if (queryEnd > end + 1) this.#add(tokenKinds.query, end + 1, queryEnd, 0);
        this.#position = Math.max(this.#position, queryEnd);
      }
      return true;
    }
    const equals = raw.indexOf('=', start);
    if (equals >= start && equals < end) return false;
    if ((classes & letterBits) === 0) {
      if (isStamp(raw, start, end)) {
        this.#add(tokenKinds.timestamp, start, end, tokenFlags.digit);
        return true;
      }
      this.#splitAt(start, end, raw.indexOf('/', start));
      return true;
    }
    if (raw.startsWith('HTTP/', start)) {
      this.#word(start, end, tokenFlags.digit);
      return true;
    }
    if (isBase64(raw, start, end)) {
      this.#add(tokenKinds.base64, start, end, tokenFlags.digit);
      return true;
    }
    const first = raw.indexOf('/', start);
    const second = raw.indexOf('/', first + 1);
    const isPath = (second > 0 && second < end) || (classes & bits.digit) !== 0;
    if (isPath && (classes & (bits.colon | bits.at)) === 0) this.#add(tokenKinds.path, start, end, 0);
    else this.#splitAt(start, end, first);
    return true;
  }

  /** Behind a URL: up to a blank, quote or bracket, without the punctuation of the sentence around it. */
  #endOfUrl(start: number): number {
    const raw = this.#raw;
    let end = start;
    for (; end < this.#limit; end++) {
      const character = raw.charCodeAt(end);
      const stops =
        character <= 32 ||
        character === 34 ||
        character === 39 ||
        character === 60 ||
        character === 62 ||
        character === backslash;
      if (stops) break;
    }
    while (end > start && ',;.:)]}'.includes(raw.charAt(end - 1))) end--;
    return end;
  }

  #keyAndValue(start: number, end: number, classes: number): void {
    const raw = this.#raw;
    if ((classes & bits.digit) !== 0 && raw.charCodeAt(end - 1) === 61 && isBase64(raw, start, end)) {
      this.#add(tokenKinds.base64, start, end, tokenFlags.digit);
      return;
    }
    const equals = raw.indexOf('=', start);
    if (equals === start) {
      this.#rest(start + 1, end);
      return;
    }
    const keyClasses = classesIn(raw, start, equals);
    const isName = (keyClasses & ~(letterBits | bits.digit | bits.dot | bits.dash | bits.underscore)) === 0;
    if (!isName || equals - start >= longestWord) {
      this.#mixed(start, equals, keyClasses);
      this.#rest(equals + 1, end);
      return;
    }
    this.#word(start, equals + 1, (keyClasses & bits.digit) === 0 ? 0 : tokenFlags.digit);
    this.#setLead(leadOfKey(raw, start, equals), equals + 1);
    if (equals + 1 < end) this.#rest(equals + 1, end);
  }

  /** The part of a chunk behind a cut: scanned as a chunk of its own. */
  #rest(start: number, end: number): void {
    if (start < end) this.#chunk(start, end, classesIn(this.#raw, start, end));
  }

  #splitAt(start: number, end: number, cut: number): void {
    if (cut > start) this.#mixed(start, cut, classesIn(this.#raw, start, cut));
    this.#rest(cut + 1, end);
  }

  #withAt(start: number, end: number): void {
    const raw = this.#raw;
    const at = raw.indexOf('@', start);
    const dot = raw.indexOf('.', at);
    const behind = classesIn(raw, at + 1, end);
    const isHost = (behind & ~(letterBits | bits.digit | bits.dot | bits.dash)) === 0;
    if (at > start && dot > at + 1 && dot < end - 1 && isHost && isLetterCode(raw.charCodeAt(end - 1))) {
      this.#add(tokenKinds.email, start, end, 0);
      return;
    }
    this.#splitAt(start, end, at);
  }

  #withColon(start: number, end: number, classes: number): void {
    const raw = this.#raw;
    if (isDigitCode(raw.charCodeAt(start))) {
      const addressEnd = endOfIp4(raw, start, end);
      if (addressEnd > 0 && raw.charCodeAt(addressEnd) === colon) {
        this.#add(kindOfIp4(raw, start), start, addressEnd, tokenFlags.digit);
        let portEnd = addressEnd + 1;
        while (portEnd < end && isDigitCode(raw.charCodeAt(portEnd))) portEnd++;
        if (portEnd > addressEnd + 1) this.#add(tokenKinds.port, addressEnd + 1, portEnd, tokenFlags.digit);
        this.#rest(portEnd, end);
        return;
      }
      const isTime = (classes & ~(bits.digit | bits.colon | bits.dot)) === 0 && isTimeOfDay(raw, start, end);
      if (isTime || isStamp(raw, start, end)) {
        this.#add(tokenKinds.timestamp, start, end, tokenFlags.digit);
        return;
      }
    }
    if ((classes & ~(bits.digit | bits.hexLetter | bits.colon | bits.dot)) === 0) {
      const kind = isMac(raw, start, end) ? tokenKinds.mac : kindOfIp6(raw, start, end);
      if (kind > 0) {
        this.#add(kind, start, end, tokenFlags.digit);
        return;
      }
    }
    this.#splitAt(start, end, raw.indexOf(':', start));
  }

  /** A chunk of letters, digits, dots, dashes, underscores and signs. */
  #value(start: number, end: number, classes: number): void {
    const raw = this.#raw;
    const dots = (classes & bits.dot) === 0 ? -1 : raw.indexOf('..', start);
    if (dots > start && dots < end) {
      // `exception......0`
      this.#splitAt(start, end, dots);
      return;
    }
    if ((classes & bits.dot) !== 0 && isHostName(raw, start, end)) {
      this.#add(tokenKinds.host, start, end, 0);
      return;
    }
    if ((classes & bits.digit) === 0) {
      this.#word(start, end, 0);
      return;
    }
    const kind = this.#kindOfValue(start, end, classes);
    if (kind === tokenKinds.word) this.#word(start, end, tokenFlags.digit);
    else this.#add(kind, start, end, tokenFlags.digit);
  }

  #kindOfValue(start: number, end: number, classes: number): number {
    const raw = this.#raw;
    const length = end - start;
    const first = raw.charCodeAt(start);
    if ((classes & bits.dot) !== 0 && isDigitCode(first) && endOfIp4(raw, start, end) === end)
      return kindOfIp4(raw, start);
    if (isDigitCode(first) || first === dash || first === 43) {
      if ((classes & bits.dash) !== 0 && isStamp(raw, start, end)) return tokenKinds.timestamp;
      if (first === 48 && (raw.charCodeAt(start + 1) | 32) === 120) return tokenKinds.hex;
      if (isNumber(raw, start, end)) return tokenKinds.number;
    }
    if (first === 98 && raw.startsWith('blk_', start)) return tokenKinds.block;
    if (first === 114 && raw.startsWith('req-', start) && isUuid(raw, start + 4, end)) return tokenKinds.request;
    if ((classes & bits.dash) !== 0) {
      if (isUuid(raw, start, end)) return tokenKinds.uuid;
      if (isMac(raw, start, end)) return tokenKinds.mac;
    }
    if ((classes & ~(bits.digit | bits.hexLetter)) === 0) {
      const kind = kindOfHex(length, classes);
      if (kind >= 0) return kind;
    }
    if (isBase64(raw, start, end)) return tokenKinds.base64;
    return isIdentifier(raw, start, end) ? tokenKinds.id : tokenKinds.word;
  }

  /** `C:\Windows\x.exe`, `C:/x`, also with the backslashes doubled by JSON. False where there is no such path. */
  #drivePath(start: number): boolean {
    const raw = this.#raw;
    const first = raw.charCodeAt(start + 2);
    if (start + 2 >= this.#limit || (first !== backslash && (first !== slash || raw.charCodeAt(start + 3) === slash)))
      return false;
    const doubled = this.#escaped && raw.charCodeAt(start + 3) === backslash;
    let end = start + 2;
    for (; end < this.#limit; end++) {
      const character = raw.charCodeAt(end);
      if (character === backslash) {
        // In JSON a single backslash is an escape such as `\r` and no part of the path.
        if (doubled) {
          if (raw.charCodeAt(end + 1) !== backslash) break;
          end++;
        }
      } else if (isBlankCode(character) || character < 32 || '"\'<>|*?,;()[]{}'.includes(raw.charAt(end))) {
        break;
      }
    }
    end = Math.min(end, this.#limit);
    this.#add(tokenKinds.path, start, end, 0);
    this.#position = end;
    return true;
  }

  #word(start: number, end: number, flags: number): void {
    if (end - start > longestWord) this.#add(tokenKinds.long, start, end, 0);
    else this.#add(tokenKinds.word, start, end, flags);
  }

  #add(kind: number, start: number, end: number, flags: number): void {
    this.#out.add(kind, start, end, flags);
  }
}

/** Punctuation of the sentence at the end of a chunk: `. : - + @ %`, where it closes and means nothing. */
function isTrailing(character: number): boolean {
  return (
    character === 46 ||
    character === colon ||
    character === dash ||
    character === 43 ||
    character === 64 ||
    character === slash
  );
}

function isLeading(raw: string, start: number, end: number): boolean {
  const character = raw.charCodeAt(start);
  if (character === 46) return raw.charCodeAt(start + 1) !== slash && raw.charCodeAt(start + 1) !== 46;
  if (character === dash || character === 43) {
    // `-uzn` and `-5` keep their sign; `--` and `->` are drawings.
    const next = raw.charCodeAt(start + 1);
    return start + 1 >= end || !(isLetterCode(next) || isDigitCode(next) || next === dash);
  }
  if (character === colon)
    return start + 1 >= end || raw.charCodeAt(start + 1) !== colon || !isHexCode(raw.charCodeAt(start + 2));
  return character === 61 || character === 64;
}
