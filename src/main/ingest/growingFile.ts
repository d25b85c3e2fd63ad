/**
 * @file A file that grows, read in pieces that end with a line: through rotation by renaming, copying and cutting, deletion and return. What it
 * has read it knows again by device and inode, and by a keyed hash of the bytes before the place it reached: a file that merely took over the
 * name, or the inode, is another one. Reads beside nothing else, in a thread that may wait for the disk.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, type BigIntStats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TextDecoder } from 'node:util';
import { toErrorData } from '../../shared/errors.ts';
import type { TextEncoding } from '../../shared/lines.ts';
import { describeBinary } from './binary.ts';
import { openError } from './file.ts';
import { isSame, realPathOf, statOf, type FilePlace } from './fileIdentity.ts';
import { endOfLines, wideOf } from './lineEnds.ts';
import { isRotated, newerThan } from './rotation.ts';

export type Piece = {
  /** UTF-8 or a byte encoding of one byte a character: UTF-16 was turned into UTF-8. Ends with a line's end, or `isCut`. */
  bytes: Buffer;
  /** Named by a byte order mark. */
  encoding: TextEncoding | null;
  isAtStart: boolean;
  /** Where it begins; null of what cannot be read again. */
  place: FilePlace | null;
  /** Its last line has no end: nothing more came for a while, or it was too long. */
  isCut: boolean;
  /** How much of the disk it took. */
  sizeBytes: number;
};

export type GrowingState = { kind: 'there' } | { kind: 'missing' } | { kind: 'failed'; message: string };

export type GrowingOptions = {
  hash: (bytes: Uint8Array) => string;
  /** A line without an end counts as one when nothing came for so long. */
  halfLineMs: number;
  /** A file whose name was taken over is left when nothing was written to it for so long. */
  leaveMs: number;
};

const stretchBytes = 1024;
/** A line longer than this is cut, as in an import. */
const longestLineBytes = 64 << 20;

type Open = {
  fd: number;
  device: string;
  inode: string;
  realPath: string;
  wide: TextEncoding | null;
};

export class GrowingFile {
  readonly path: string;
  /** What went wrong with reading that nobody can mend: told once, by whoever asks. */
  notice: string | null = null;
  #state: GrowingState = { kind: 'missing' };
  readonly #options: GrowingOptions;
  #file: Open | null = null;
  /** Of a file that is closed for now. */
  #resting: FilePlace | null;
  /** What was known then of when it grew. */
  #timesOfRest: { size: number; grewAt: number; halfAt: number; seen: { size: number; at: number }[] } | null = null;
  #offset = 0;
  #before: Buffer = Buffer.alloc(0);
  #size = 0;
  /** A file that cannot be followed, and is not opened again. */
  #refused: BigIntStats | null = null;
  /** When its size last changed, and since when another file has its name. */
  #grewAt = 0;
  #leftSince: number | null = null;
  /** The size at which what is there was found to be half a line. */
  #halfAt = -1;
  /** When sizes beyond the offset were first seen, oldest first: how far behind reading is. */
  #seen: { size: number; at: number }[] = [];

  constructor(path: string, place: FilePlace | null, options: GrowingOptions) {
    this.path = path;
    this.#resting = place;
    this.#options = options;
  }

  get state(): GrowingState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#file !== null;
  }

  get lagBytes(): number {
    return Math.max(0, this.#size - this.#offset);
  }

  /** Since when the oldest byte that is not read yet has been there; null: all is read. */
  get behindSince(): number | null {
    return this.#seen[0]?.at ?? null;
  }

  /** Looks at what the file is now. */
  look(now: number): void {
    try {
      if (!this.#file && !this.#reopen(now)) return;
      const file = this.#file;
      if (!file) return;
      const held = fstatSync(file.fd, { bigint: true });
      const size = Number(held.size);
      if (size < this.#offset) this.#startOver(now);
      if (size !== this.#size) this.#grewAt = now;
      this.#size = size;
      if (size > this.#offset && size > (this.#seen.at(-1)?.size ?? -1)) this.#note(size, now);
      const named = statOf(this.path);
      const isNamed = named !== null && named.ino === held.ino && named.dev === held.dev;
      this.#leftSince = isNamed ? null : (this.#leftSince ?? now);
      this.#state = named === null ? { kind: 'missing' } : { kind: 'there' };
      // A deleted file keeps its room on the disk as long as it is open.
      const isAbandoned = !isNamed && (named !== null || held.nlink === 0n);
      // Half a character is not waited for.
      const isRead = this.#size - this.#offset < (file.wide === null ? 1 : 2);
      if (isAbandoned && this.#isDone(now) && isRead) this.#moveOn(now);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The next whole lines, at most about so many bytes of them; null where there are none yet. */
  read(mostBytes: number, now: number): Piece | null {
    try {
      return this.#read(mostBytes, now);
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  /** Where the next piece begins, for a later start; null before the first file was there. */
  place(): FilePlace | null {
    const file = this.#file;
    return file ? this.#placeOf(file) : this.#resting;
  }

  /** Gives the handle back; looking opens the file again where it changed. */
  rest(): void {
    this.#resting = this.place();
    this.#timesOfRest = { size: this.#size, grewAt: this.#grewAt, halfAt: this.#halfAt, seen: this.#seen };
    this.close();
  }

  close(): void {
    if (this.#file) closeSync(this.#file.fd);
    this.#file = null;
  }

  #placeOf({ device, inode, realPath }: Open): FilePlace {
    const stretchHash = this.#options.hash(this.#before);
    return { device, inode, realPath, offsetBytes: this.#offset, stretchBytes: this.#before.length, stretchHash };
  }

  #read(mostBytes: number, now: number): Piece | null {
    const file = this.#file;
    if (!file || this.#size <= this.#offset) return null;
    const isQuiet = now - this.#grewAt >= this.#options.halfLineMs || (this.#leftSince !== null && this.#isDone(now));
    if (this.#halfAt === this.#size && !isQuiet) return null;
    for (let most = mostBytes; ; most = Math.min(4 * most, longestLineBytes)) {
      const before = this.#before.length;
      const wanted = Math.min(most, this.#size - this.#offset);
      const buffer = Buffer.allocUnsafe(before + wanted);
      const got = readSync(file.fd, buffer, 0, buffer.length, this.#offset - before);
      // Cut and filled again between two looks.
      if (!buffer.subarray(0, before).equals(this.#before)) {
        this.#startOver(now);
        return null;
      }
      const bytes = buffer.subarray(before, got);
      if (bytes.length === 0) return null;
      if (this.#offset === 0) {
        file.wide = wideOf(bytes);
        if (file.wide === null) this.#check(bytes, file);
      }
      const isAll = bytes.length >= this.#size - this.#offset;
      let end = endOfLines(bytes, file.wide);
      const isCut = end === 0 && ((isAll && isQuiet) || bytes.length >= longestLineBytes);
      if (isCut) end = file.wide === null ? bytes.length : bytes.length - (bytes.length % 2);
      if (end === 0 && !isAll) continue;
      if (end === 0) {
        this.#halfAt = this.#size;
        return null;
      }
      const place = this.#placeOf(file);
      const piece = bytes.subarray(0, end);
      const isAtStart = this.#offset === 0;
      this.#advance(Buffer.concat([this.#before, piece]), end);
      const decoded = file.wide === null ? piece : Buffer.from(new TextDecoder(file.wide).decode(piece), 'utf8');
      return { bytes: decoded, encoding: file.wide, isAtStart, place, isCut, sizeBytes: end };
    }
  }

  #advance(read: Buffer, bytes: number): void {
    this.#offset += bytes;
    this.#before = Buffer.from(read.subarray(Math.max(0, read.length - stretchBytes)));
    this.#seen = this.#seen.filter(({ size }) => size > this.#offset);
  }

  #note(size: number, now: number): void {
    this.#seen.push({ size, at: now });
    // An hour behind needs no finer steps than a minute.
    if (this.#seen.length > 600) this.#seen = this.#seen.filter((_, index) => index === 0 || index % 2 === 1);
  }

  /** Nothing was written to it since its name is another's, and for a while. */
  #isDone(now: number): boolean {
    return now - Math.max(this.#grewAt, this.#leftSince ?? now) >= this.#options.leaveMs;
  }

  #check(start: Buffer, { fd }: Open): void {
    this.#refused = fstatSync(fd, { bigint: true });
    if (start[0] === 0x1f && start[1] === 0x8b) {
      throw new Error('is packed and cannot be followed line by line. Open it as a log instead.');
    }
    const binary = describeBinary(start.subarray(0, 64 << 10));
    if (binary !== null) throw new Error(binary);
    this.#refused = null;
  }

  /** The same file from its start: it was cut, or written anew. */
  #startOver(now: number): void {
    if (this.lagBytes > 0) this.notice = `${basename(this.path)} was cut short before all of it was read.`;
    this.#setPlace(0, Buffer.alloc(0), now);
  }

  #setPlace(offset: number, before: Buffer, now: number): void {
    this.#offset = offset;
    this.#before = before;
    this.#size = offset;
    this.#grewAt = now;
    this.#leftSince = null;
    this.#halfAt = -1;
    this.#seen = [];
  }

  /** The file that came after one that was read to its end. */
  #moveOn(now: number): void {
    const file = this.#file;
    if (!file) return;
    const next = this.#newerNames(file)[0];
    this.close();
    this.#resting = null;
    this.#open(next === undefined ? this.path : join(dirname(this.path), next), 0, now);
  }

  /** Files between the one that is held and the one that has the name now, the oldest first. */
  #newerNames({ device, inode }: Pick<Open, 'device' | 'inode'>): string[] {
    const names = this.#rotatedNames();
    const own = names.find((name) => isSame(statOf(join(dirname(this.path), name)), { device, inode }));
    if (own === undefined) return [];
    const current = statOf(this.path);
    return newerThan(basename(this.path), own, names).filter((name) => {
      const found = statOf(join(dirname(this.path), name));
      return found?.isFile() === true && !(current && found.ino === current.ino && found.dev === current.dev);
    });
  }

  #rotatedNames(): string[] {
    const base = basename(this.path);
    return readdirSync(dirname(this.path)).filter((name) => isRotated(base, name));
  }

  /** Opens what is there to be read. False: there is nothing new. */
  #reopen(now: number): boolean {
    const place = this.#resting;
    const named = statOf(this.path);
    if (named && this.#refused?.ino === named.ino && this.#refused.ctimeNs === named.ctimeNs) return false;
    if (!place) {
      this.#state = { kind: named ? 'there' : 'missing' };
      return named !== null && this.#open(this.path, 0, now);
    }
    const isUntouched = isSame(named, place) && Number(named?.size) === place.offsetBytes;
    if (isUntouched && this.#state.kind === 'there') return false;
    const folder = dirname(this.path);
    const inode = [this.path, place.realPath, ...this.#safeNames().map((name) => join(folder, name))].filter((path) =>
      isSame(statOf(path), place),
    );
    const others = named ? [this.path, ...this.#safeNames().map((name) => join(folder, name))] : [];
    for (const path of [...inode, ...others]) {
      if (!this.#open(path, place.offsetBytes, now)) continue;
      if (this.#continues(place)) {
        const times = this.#timesOfRest;
        if (times)
          [this.#size, this.#grewAt, this.#halfAt, this.#seen] = [times.size, times.grewAt, times.halfAt, times.seen];
        return true;
      }
      this.close();
    }
    if (!named) {
      this.#state = { kind: 'missing' };
      return false;
    }
    if (isSame(named, place)) this.notice = null;
    else if (place.offsetBytes > 0)
      this.notice = `The file that ${basename(this.path)} was is gone; what was written to it after it was read last was not seen.`;
    this.#resting = null;
    this.#timesOfRest = null;
    return this.#open(this.path, 0, now);
  }

  #safeNames(): string[] {
    try {
      return this.#rotatedNames();
    } catch {
      return [];
    }
  }

  /** Whether the file that was just opened says before the place what it said there. */
  #continues(place: FilePlace): boolean {
    const file = this.#file;
    if (!file || Number(fstatSync(file.fd, { bigint: true }).size) < place.offsetBytes) return false;
    const before = Buffer.alloc(place.stretchBytes);
    const got = readSync(file.fd, before, 0, before.length, place.offsetBytes - place.stretchBytes);
    if (got !== before.length || this.#options.hash(before) !== place.stretchHash) return false;
    // Without a stretch only the file itself is the same.
    if (place.stretchBytes === 0 && !(file.device === place.device && file.inode === place.inode)) return false;
    this.#before = before;
    return true;
  }

  #open(path: string, offset: number, now: number): boolean {
    let fd: number;
    try {
      // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
      fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#state = { kind: 'missing' };
      else this.#fail(openError(path, error));
      return false;
    }
    const found = fstatSync(fd, { bigint: true });
    if (!found.isFile()) {
      closeSync(fd);
      this.#fail(new Error(found.isDirectory() ? 'is a folder.' : 'is a device, pipe or socket, not a file.'));
      return false;
    }
    const start = Buffer.alloc(2);
    readSync(fd, start, 0, 2, 0);
    this.#file = {
      fd,
      device: String(found.dev),
      inode: String(found.ino),
      realPath: realPathOf(path),
      wide: wideOf(start),
    };
    this.#setPlace(offset, Buffer.alloc(0), now);
    this.#state = { kind: 'there' };
    return true;
  }

  #fail(error: unknown): void {
    const { message } = error instanceof Error ? error : toErrorData(error);
    const isSentence = message.includes(this.path);
    this.#state = { kind: 'failed', message: isSentence ? message : `${this.path} ${message}` };
    this.rest();
  }
}
