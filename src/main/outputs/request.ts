/** @file One POST to a receiver that a user named: no redirects, a bound on time and on what is read of the answer. */
import { AppError } from '../../shared/errors.ts';
import { failureInWords } from './failureWords.ts';

const timeoutMs = 15_000;
/** Enough to say what a receiver complains of. */
const mostRead = 2000;
const mostShown = 200;

/** The receiver answered, and did not take it. `retryAfterMs`: it said when to come again. */
export class Refusal extends AppError {
  readonly retryAfterMs: number | null;
  constructor(message: string, retryAfterMs: number | null) {
    super('UNREACHABLE', message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Seconds, or a date (RFC 9110). */
function retryAfterMs({ headers }: Response, now: number): number | null {
  const said = headers.get('retry-after')?.trim() ?? '';
  const ms = /^\d{1,9}$/.test(said) ? Number(said) * 1000 : Date.parse(said) - now;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

/** Resolves with a 2xx answer's text; throws UNREACHABLE otherwise. `hint`: what to do about a status. */
export async function post(
  url: string,
  {
    body,
    headers,
    signal,
    hint,
    now,
  }: {
    body: string;
    headers: Record<string, string>;
    signal: AbortSignal;
    hint: (status: number) => string;
    now: () => number;
  },
): Promise<string> {
  const { host } = new URL(url);
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      // Where a receiver sends us is not where the user did.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new AppError('UNREACHABLE', `${host} ${failureInWords(error)}`);
  }
  const text = await readSome(response).catch(() => '');
  if (response.ok) return text;
  const said = text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, mostShown);
  throw new Refusal(
    `${host} refused: HTTP ${response.status}${said === '' ? '' : ` "${said}"`}. ${hint(response.status)}`,
    retryAfterMs(response, now()),
  );
}

async function readSome(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  while (text.length < mostRead) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
