/** @file Where the window was: a small file in the user's data folder, used only as far as it makes sense and lies on a screen. */
import { forStderr } from '../../shared/errors.ts';
import { screen, type BrowserWindow, type Rectangle } from 'electron';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export type WindowState = { bounds: Rectangle | null; isMaximized: boolean };

/** How much of the window must be on a screen, so that it can be taken hold of. */
const gripPx = 100;

export function readWindowState(path: string): WindowState {
  try {
    const { bounds, isMaximized } = JSON.parse(readFileSync(path, 'utf8')) as Partial<WindowState>;
    return { bounds: isRectangle(bounds) && isOnScreen(bounds) ? bounds : null, isMaximized: isMaximized === true };
  } catch {
    return { bounds: null, isMaximized: false }; // the first start, or a file that is none
  }
}

export function keepWindowState(window: BrowserWindow, path: string): void {
  window.on('close', () => {
    const state: WindowState = { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() };
    try {
      writeFileSync(`${path}.part`, JSON.stringify(state));
      renameSync(`${path}.part`, path);
    } catch (error) {
      console.error('Where the window was could not be kept:', forStderr(error));
    }
  });
}

function isRectangle(value: unknown): value is Rectangle {
  if (typeof value !== 'object' || value === null) return false;
  const { x, y, width, height } = value as Partial<Rectangle>;
  return [x, y, width, height].every(Number.isSafeInteger) && Number(width) >= gripPx && Number(height) >= gripPx;
}

function isOnScreen(bounds: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const width = Math.min(bounds.x + bounds.width, workArea.x + workArea.width) - Math.max(bounds.x, workArea.x);
    const height = Math.min(bounds.y + bounds.height, workArea.y + workArea.height) - Math.max(bounds.y, workArea.y);
    return width >= gripPx && height >= gripPx;
  });
}
