/** @file What a request that is not answered as it was meant gets: a status, a code and a sentence. Nothing of what was sent is in it. */
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import type { ProblemCode } from './schemas.ts';

const statuses: Record<ProblemCode, number> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  TIMEOUT: 408,
  CONFLICT: 409,
  TOO_LARGE: 413,
  UNSUPPORTED_TYPE: 415,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
};

/** Of failures inside the app that are no bug. */
const ofApp: Partial<Record<ErrorCode, ProblemCode>> = {
  BAD_REQUEST: 'BAD_REQUEST',
  BAD_INPUT: 'BAD_REQUEST',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  CANCELLED: 'UNAVAILABLE',
  STORE_FULL: 'UNAVAILABLE',
  STORE_READONLY: 'UNAVAILABLE',
  STORE_CORRUPT: 'UNAVAILABLE',
  PROCESS_GONE: 'UNAVAILABLE',
  PROVIDER_FAILED: 'UNAVAILABLE',
  MODEL_INVALID: 'UNAVAILABLE',
};

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: ProblemCode, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = 'Problem';
    this.code = code;
    this.status = statuses[code];
    this.headers = headers;
  }

  get body(): string {
    return JSON.stringify({ error: { code: this.code, message: this.message } });
  }
}

/** What is no expected failure is a bug: it gets a sentence of ours, since its own may hold what was sent. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = error instanceof AppError ? ofApp[error.code] : undefined;
  if (error instanceof AppError && code !== undefined) {
    return new Problem(code, error.message, code === 'UNAVAILABLE' ? { 'retry-after': '1' } : {});
  }
  return new Problem('INTERNAL', 'Something failed that should not. The request may not have been carried out.');
}
