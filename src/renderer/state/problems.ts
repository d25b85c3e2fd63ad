/** @file What went wrong, in words a person can act on. */
import { AppError } from '../../shared/errors.ts';

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isCancelled(error: unknown): boolean {
  return error instanceof AppError && error.code === 'CANCELLED';
}

/** The host went away before it answered: what was asked may have happened or not. */
export function isGone(error: unknown): boolean {
  return error instanceof AppError && error.code === 'PROCESS_GONE';
}

/** "the disk is full": goes between "was not saved:" and what to do about it. */
export function reasonOf(error: unknown): string {
  if (error instanceof AppError) {
    if (error.code === 'STORE_FULL') return 'the disk is full';
    if (error.code === 'STORE_READONLY') return 'the workspace cannot be written';
  }
  return lowerFirst(messageOf(error)).replace(/[.\s]+$/, '');
}

/** What the analyst can do before trying again. */
export function remedyOf(error: unknown): string {
  if (error instanceof AppError) {
    if (error.code === 'STORE_FULL') return 'Free some space and';
    if (error.code === 'STORE_READONLY') return 'Make the workspace folder writable and';
  }
  return 'Look at it and';
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
