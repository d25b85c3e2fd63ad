/** @file A note of the system's own; pressing it brings the window to the front. */
import { BrowserWindow, Notification } from 'electron';
import { bringToFront } from './window.ts';

/** Shown notes: one that is not held would lose its click. */
const held = new Set<Notification>();

/** False where the system shows none. */
export function showNotification(title: string, body: string): boolean {
  if (!Notification.isSupported()) return false;
  const note = new Notification({ title, body });
  held.add(note);
  const letGo = (): void => void held.delete(note);
  note.on('close', letGo);
  note.on('failed', letGo);
  note.on('click', () => {
    letGo();
    bringToFront(BrowserWindow.getAllWindows()[0]);
  });
  note.show();
  return true;
}
