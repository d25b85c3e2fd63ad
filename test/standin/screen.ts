/** @file `screen`: one display. */
import type { Display, Screen } from 'electron';
import { only } from './only.ts';

const workArea = { x: 0, y: 0, width: 1920, height: 1040 };
const display = only('Display', { id: 1, workArea } satisfies Pick<Display, 'id' | 'workArea'>) as Display;
const offered: Pick<Screen, 'getAllDisplays'> = { getAllDisplays: () => [display] };

export const screen = only('screen', offered);
