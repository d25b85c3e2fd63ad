/**
 * @file Alerts to a syslog receiver: RFC 5424 over TCP or TLS with octet counting (RFC 6587, RFC 5425), or over UDP. Syslog has no answer, so a
 * connection is made for each batch and ended, and only the receiver's own end of it counts: it has then read everything.
 */
import { createSocket } from 'node:dgram';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AppError } from '../../shared/errors.ts';
import type { OutputTarget } from '../../shared/outputs.ts';
import { syslogMessage } from './cef.ts';
import { failureInWords } from './failureWords.ts';
import type { Sender } from './outgoing.ts';

type SyslogTarget = Omit<Extract<OutputTarget, { kind: 'syslog' }>, 'kind'>;

/** `quietMs`: nothing comes and goes for so long. `wholeMs`: for a batch, however much a receiver has to say. */
const limits = { quietMs: 15_000, wholeMs: 60_000 };

export function syslogSender(target: SyslogTarget, hostName: string, within = limits): Sender {
  return {
    mostAtOnce: 100,
    send: (alerts, signal) => {
      const messages = alerts.map((alert) => Buffer.from(syslogMessage(alert, hostName)));
      return target.transport === 'udp'
        ? sendDatagrams(target, messages)
        : sendStream(target, messages, signal, within);
    },
  };
}

function sendStream(
  target: SyslogTarget,
  messages: readonly Buffer[],
  signal: AbortSignal,
  { quietMs, wholeMs }: typeof limits,
): Promise<void> {
  const { host, port, transport } = target;
  const unreachable = (what: string): AppError =>
    new AppError('UNREACHABLE', `${host}:${port} ${what}. Check the address, the transport, and that it runs.`);
  return new Promise<void>((resolve, reject) => {
    const socket: Socket =
      transport === 'tls'
        ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }) })
        : connectTcp({ host, port });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const stop = (): void => fail(signal.reason as Error);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    let isFlushed = false;
    const notEnded = 'does not end the connection, so nobody knows what it read';
    socket.setTimeout(quietMs, () => fail(unreachable(isFlushed ? notEnded : 'does not answer')));
    // Whoever goes on talking is never quiet.
    const whole = setTimeout(() => fail(unreachable(isFlushed ? notEnded : 'reads too slowly')), wholeMs);
    socket.once('error', (error) => fail(new AppError('UNREACHABLE', `${host}:${port} ${failureInWords(error)}`)));
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
      const framed = messages.flatMap((message) => [Buffer.from(`${message.length} `), message]);
      socket.end(Buffer.concat(framed), () => (isFlushed = true));
    });
    socket.resume();
    // Its end before ours says nothing: it may have gone with bytes unread.
    socket.once('end', () => isFlushed || fail(unreachable('ended the connection before everything was sent')));
    socket.once('close', (hadError) => {
      clearTimeout(whole);
      signal.removeEventListener('abort', stop);
      if (isFlushed && !hadError) resolve();
      else reject(unreachable('closed the connection before everything was sent'));
    });
  });
}

/** Nobody can know whether it came: the setting says so. */
async function sendDatagrams({ host, port }: SyslogTarget, messages: readonly Buffer[]): Promise<void> {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
  try {
    for (const message of messages)
      await new Promise<void>((resolve, reject) =>
        socket.send(message, port, host, (error) => (error ? reject(error) : resolve())),
      );
  } catch (error) {
    throw new AppError('UNREACHABLE', `${host}:${port} ${failureInWords(error)}`);
  } finally {
    socket.close();
  }
}
