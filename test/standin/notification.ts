/** @file `Notification`: what was shown, for tests to read and to press. */
import { EventEmitter } from 'node:events';
import type { NotificationConstructorOptions } from 'electron';
import { record } from './history.ts';
import { onlyOptions } from './only.ts';

const shown: Notification[] = [];

export class Notification extends EventEmitter {
  readonly options: NotificationConstructorOptions;

  constructor(options: NotificationConstructorOptions) {
    super();
    onlyOptions('Notification', options, ['title', 'body']);
    this.options = options;
  }

  static isSupported(): boolean {
    return true;
  }

  show(): void {
    shown.push(this);
    record({ kind: 'notification', title: this.options.title ?? '', body: this.options.body ?? '' });
  }
}

/** For tests: the user presses the newest note. */
export function pressNote(): void {
  shown.at(-1)?.emit('click');
}
