/** @file Where a language model may be asked: addresses of this machine itself, and nothing else. */
import { AppError } from '../../shared/errors.ts';

/** IPv4 loopback; `URL` has brought 127.1, 0x7f.1 and the like into this form. */
const loopback4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** Throws BAD_INPUT for anything but plain HTTP to a loopback address. `localhost` becomes 127.0.0.1: its name is looked up nowhere. */
export function loopbackAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.hostname === 'localhost') url.hostname = '127.0.0.1';
  const isLoopback = url !== undefined && (loopback4.test(url.hostname) || url.hostname === '[::1]');
  const isBare = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username + url.password === '';
  if (!url || !isLoopback || !isBare || url.protocol !== 'http:') {
    throw new AppError(
      'BAD_INPUT',
      `"${text.slice(0, 100)}" is no address that a language model may be asked at: it takes http:// and this machine's own address, as http://127.0.0.1:11434.`,
    );
  }
  return url;
}
