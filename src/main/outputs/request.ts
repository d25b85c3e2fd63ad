/** @file One POST to a receiver that a user named: no redirects, a bound on time and on what is read of the answer. */
import { AppError } from '../../shared/errors.ts';

const timeoutMs = 15_000;
/** Enough to say what a receiver complains of. */
const mostRead = 2000;
const mostShown = 200;

/** Resolves with a 2xx answer's text; throws UNREACHABLE otherwise. `hint`: what to do about a status. */
export async function post(
  url: string,
  {
    body,
    headers,
    signal,
    hint,
  }: {
    body: string;
    headers: Record<string, string>;
    signal: AbortSignal;
    hint: (status: number) => string;
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
    throw new AppError(
      'UNREACHABLE',
      `${host} does not answer: ${causeOf(error)}. Check the address, and that it runs.`,
    );
  }
  const text = await readSome(response).catch(() => '');
  if (response.ok) return text;
  const said = text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, mostShown);
  throw new AppError(
    'UNREACHABLE',
    `${host} refused: HTTP ${response.status}${said === '' ? '' : ` "${said}"`}. ${hint(response.status)}`,
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

/** What is under fetch's "fetch failed". */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `nothing came within ${timeoutMs / 1000} seconds`;
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return causeOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : error.message;
}
