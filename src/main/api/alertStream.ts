/** @file Sends alerts to everyone who listens. Who does not read as fast as they come is let go with a reason: nothing is held for longer. */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { AlertMessage } from './schemas.ts';

const beatMs = 15_000;
/** For everyone to read what came at once; who has not by then is let go, or all others would wait as long for each alert. */
const roomMs = 2000;
const lookMs = 10;
/** For the reason to arrive. */
const leaveMs = 5000;
/** Try again later (RFC 6455's registry). */
const tooSlowCode = 1013;
const goingAwayCode = 1001;
const notAllowedCode = 1008;
const tooSlow = 'Alerts come faster than they are read. Connect again.';

type Listener = {
  tokenId: string;
  send: (text: string) => void;
  bufferedBytes: () => number;
  /** Sees to it that the connection ends, whatever the other side does. */
  leave: (code: number, reason: string) => void;
  beat: () => void;
};

export class AlertStream {
  readonly #mostBytes: number;
  readonly #mostListeners: number;
  readonly #listeners = new Set<Listener>();
  readonly #beat: NodeJS.Timeout;

  /** `mostBytes`: held of one listener. */
  constructor(mostBytes: number, mostListeners: number) {
    this.#mostBytes = mostBytes;
    this.#mostListeners = mostListeners;
    this.#beat = setInterval(() => this.#listeners.forEach((listener) => listener.beat()), beatMs).unref();
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  get isFull(): boolean {
    return this.#listeners.size >= this.#mostListeners;
  }

  send(message: AlertMessage): void {
    if (this.#listeners.size === 0) return;
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    for (const listener of this.#listeners) {
      if (listener.bufferedBytes() + bytes <= this.#mostBytes) listener.send(text);
      else this.#drop(listener, tooSlowCode, tooSlow);
    }
  }

  addSocket(socket: WebSocket, tokenId: string): void {
    let isThere = true;
    const listener: Listener = {
      tokenId,
      send: (text) => socket.send(text),
      bufferedBytes: () => socket.bufferedAmount,
      leave: (code, reason) => {
        socket.close(code, reason);
        setTimeout(() => socket.terminate(), leaveMs).unref();
      },
      beat: () => {
        if (!isThere) return socket.terminate();
        isThere = false;
        socket.ping();
      },
    };
    this.#listeners.add(listener);
    socket.on('pong', () => (isThere = true));
    // Nothing is expected from this side.
    socket.on('message', () => this.#drop(listener, notAllowedCode, 'This stream only sends.'));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#listeners.delete(listener));
  }

  addResponse(response: ServerResponse, tokenId: string): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    const listener: Listener = {
      tokenId,
      send: (text) => void response.write(`event: alert\ndata: ${text}\n\n`),
      bufferedBytes: () => response.writableLength,
      leave: (_code, reason) => {
        response.end(`event: dropped\ndata: ${JSON.stringify({ reason })}\n\n`);
        setTimeout(() => response.destroy(), leaveMs).unref();
      },
      // Who has not read the last one is let go by the connection's own time.
      beat: () => void (response.writableLength === 0 && response.write(': still here\n\n')),
    };
    this.#listeners.add(listener);
    response.on('close', () => this.#listeners.delete(listener));
  }

  /** Who came by a token that is revoked. */
  dropToken(tokenId: string): void {
    for (const listener of this.#listeners)
      if (listener.tokenId === tokenId) this.#drop(listener, notAllowedCode, 'The token was revoked.');
  }

  /** When everyone has room for more, or had time to make some. */
  async room(): Promise<void> {
    const full = (): Listener[] =>
      [...this.#listeners].filter((listener) => listener.bufferedBytes() * 2 > this.#mostBytes);
    for (let waitedMs = 0; waitedMs < roomMs && full().length > 0; waitedMs += lookMs) await sleep(lookMs);
    for (const listener of full()) this.#drop(listener, tooSlowCode, tooSlow);
  }

  close(): void {
    clearInterval(this.#beat);
    for (const listener of this.#listeners) this.#drop(listener, goingAwayCode, 'The API is being stopped.');
  }

  #drop(listener: Listener, code: number, reason: string): void {
    // Before it leaves: what comes meanwhile is not for it.
    if (this.#listeners.delete(listener)) listener.leave(code, reason);
  }
}
