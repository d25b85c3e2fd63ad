/** @file The lines of one day as they are planned, and how a planned line becomes text. */
import type { Host } from './people.ts';

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
export const minuteMs = 60_000;

export type AttackKind =
  | 'unusual-user'
  | 'unusual-address'
  | 'unusual-action'
  | 'future-time'
  | 'foreign-format'
  | 'impossible-travel'
  | 'wrong-order'
  | 'wrong-hour';

export type OfficeLine = {
  text: string;
  label: 'normal' | 'anomaly';
  /** What wrote the line: a part of office life, or an `AttackKind` for an anomaly. */
  kind: string;
};

type Planned = {
  at: number;
  /** Planned earlier comes first among equal times. */
  order: number;
  /** Null: `rest` is the whole line. Else what the stamp says, milliseconds UTC. */
  stampAt: number | null;
  rest: string;
  kind: string;
  isAttack: boolean;
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Collects lines in any order of time and gives them out sorted. */
export class Diary {
  #planned: Planned[] = [];
  #order = 0;
  #attackLines = 0;
  /** Whether what is written now is an attack, and of which kind. */
  #attack: AttackKind | null = null;
  /** How far stamps run ahead of the time they are written at. */
  #aheadMs = 0;
  #minute = Number.NaN;
  #minuteText = '';

  /** Plans a syslog line: `host tag: message`. */
  write(at: number, kind: string, host: Host, tag: string, message: string): void {
    this.#plan(at, at + this.#aheadMs, kind, `${host} ${tag}: ${message}`);
  }

  /** Plans a line that is no syslog line. */
  writeBare(at: number, kind: string, text: string): void {
    this.#plan(at, null, kind, text);
  }

  /** Lines of attacks planned so far. */
  get attackLines(): number {
    return this.#attackLines;
  }

  /** Whether what is written now is normal life. */
  get isInnocent(): boolean {
    return this.#attack === null;
  }

  /** Labels all that `act` writes as an attack. */
  during(attack: AttackKind, act: () => void): void {
    this.#attack = attack;
    act();
    this.#attack = null;
  }

  /** Labels what `act` writes as normal, inside of `during`. */
  innocently(act: () => void): void {
    const attack = this.#attack;
    this.#attack = null;
    act();
    this.#attack = attack;
  }

  /** The stamps of what `act` writes lie `aheadMs` in the future. */
  ahead(aheadMs: number, act: () => void): void {
    this.#aheadMs = aheadMs;
    act();
    this.#aheadMs = 0;
  }

  /** Times of the lines planned before `until`, sorted. */
  timesUntil(until: number): number[] {
    this.#sort();
    return this.#planned.filter((line) => line.at < until).map((line) => line.at);
  }

  /** Takes out the lines before `until`, in the order of time. */
  *take(until: number): Generator<OfficeLine> {
    this.#sort();
    const planned = this.#planned;
    let count = 0;
    while (count < planned.length && (planned[count]?.at ?? Infinity) < until) count++;
    this.#planned = planned.slice(count);
    for (let index = 0; index < count; index++) {
      const line = planned[index];
      if (line === undefined) break;
      const text = line.stampAt === null ? line.rest : `${this.#stamp(line.stampAt)} ${line.rest}`;
      yield { text, label: line.isAttack ? 'anomaly' : 'normal', kind: line.kind };
    }
  }

  #plan(at: number, stampAt: number | null, kind: string, rest: string): void {
    const isAttack = this.#attack !== null;
    if (isAttack) this.#attackLines++;
    this.#planned.push({ at, order: this.#order++, stampAt, rest, kind: this.#attack ?? kind, isAttack });
  }

  #sort(): void {
    this.#planned.sort((left, right) => left.at - right.at || left.order - right.order);
  }

  /** `Mar  4 09:07:31`, the minute's part kept for the lines of the same minute. */
  #stamp(at: number): string {
    const minute = Math.floor(at / minuteMs);
    if (minute !== this.#minute) {
      const date = new Date(at);
      const month = months[date.getUTCMonth()] ?? 'Jan';
      const day = String(date.getUTCDate()).padStart(2, ' ');
      this.#minute = minute;
      this.#minuteText = `${month} ${day} ${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}:`;
    }
    return this.#minuteText + twoDigits(Math.floor((at - minute * minuteMs) / 1000));
  }
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `04/Mar/2024:09:07:31 +0000`. */
export function accessStamp(at: number): string {
  const date = new Date(at);
  const time = `${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}:${twoDigits(date.getUTCSeconds())}`;
  return `${twoDigits(date.getUTCDate())}/${months[date.getUTCMonth()] ?? 'Jan'}/${date.getUTCFullYear()}:${time} +0000`;
}
