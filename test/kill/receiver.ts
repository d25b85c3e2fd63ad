/** @file A webhook's receiver that outlives the app. Slow, so that kills come while it is sent to; now and then it fails as receivers do. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Random } from '../../src/shared/random.ts';
import { sleep } from './victim.ts';

const slowestMs = 25;

/** What of an alert is the same each time that it is told. */
export type Told = {
  /** By which a receiver knows a repeat: `webhook-id`. */
  messageId: string;
  alertId: string;
  lineNumber: number;
};

export class Receiver {
  /** In the order it took them, repeats among them. */
  readonly taken: Told[] = [];
  /** Of those, how often it hung up before it said so: they are rightly sent again. */
  hangUps = 0;
  readonly #random: Random;
  readonly #server: Server;
  #troubles: number;

  private constructor(random: Random) {
    this.#random = random;
    this.#troubles = random.integer(0, 4);
    this.#server = createServer((request, response) => {
      void this.#answer(request.headers['webhook-id'], text(request)).then(
        (status) => {
          if (status === null) request.socket.destroy();
          else response.writeHead(status).end();
        },
        () => undefined, // the app was killed while it spoke
      );
    });
  }

  static async open(random: Random): Promise<Receiver> {
    const receiver = new Receiver(random);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/alerts`;
  }

  /** Resolves when it has taken so many more, or after `mostMs`. */
  async tookMore(count: number, mostMs: number): Promise<void> {
    const until = this.taken.length + count;
    for (const untilMs = Date.now() + mostMs; this.taken.length < until && Date.now() < untilMs;) await sleep(2);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Null: it hangs up. */
  async #answer(messageId: string | string[] | undefined, body: Promise<string>): Promise<number | null> {
    const { data } = JSON.parse(await body) as { data: { id: string; lineNumber: number } };
    await sleep(this.#random.between(0, slowestMs));
    const isTroubled = this.#troubles > 0 && this.#random.chance(0.1);
    if (isTroubled) this.#troubles--;
    if (isTroubled && this.#random.chance(0.5)) return 503;
    this.taken.push({ messageId: String(messageId), alertId: data.id, lineNumber: data.lineNumber });
    if (!isTroubled) return 200;
    this.hangUps++;
    return null;
  }
}
