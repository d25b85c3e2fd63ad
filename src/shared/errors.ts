/** @file The coded errors that may cross a process boundary, and the envelope they cross in. Every process loads this. */
import { printable } from './hidden.ts';

export const errorCodes = [
  'BAD_REQUEST', // the request does not fit its schema, or names something that does not exist
  'NOT_FOUND',
  'BAD_INPUT', // a file the user gave cannot be used as it is
  'CANCELLED',
  'WORKSPACE_IN_USE',
  'WORKSPACE_NEWER', // written by a newer version of the app
  'STORE_CORRUPT',
  'STORE_FULL', // the disk is full
  'STORE_READONLY',
  'MODEL_INVALID',
  'PROVIDER_FAILED', // what runs the model (a GPU and its driver) cannot, or not as the CPU does
  'PROCESS_GONE', // a trainer or thread ended while a request was under way
  'CONFLICT', // another job of the kind is running, or the state has moved on
  'FORBIDDEN',
  'UNREACHABLE', // what the user told the app to speak to does not answer, or refuses
  'INTERNAL',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** What crosses a boundary in place of an exception. `message` says what failed, on which input, and what to do. */
export type ErrorData = { code: ErrorCode; message: string };

export type Result<T> = { ok: true; data: T } | { ok: false; error: ErrorData };

/** An expected failure. Anything else that is thrown is a bug and becomes `INTERNAL`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}

export function toErrorData(error: unknown): ErrorData {
  if (error instanceof AppError) return { code: error.code, message: error.message };
  if (error instanceof Error && error.name === 'AbortError') return { code: 'CANCELLED', message: 'Cancelled.' };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** For stderr, which may be a terminal: what was expected by its sentence, a bug with its stack. Either may quote a log or a name. */
export function forStderr(error: unknown): string {
  if (error instanceof AppError) return printable(error.message);
  if (!(error instanceof Error)) return printable(String(error));
  const text = printable(error.stack ?? error.message);
  return error.cause === undefined ? text : `${text}\nIt came of: ${forStderr(error.cause)}`;
}

export function fromErrorData(data: ErrorData): AppError {
  return new AppError(data.code, data.message);
}
