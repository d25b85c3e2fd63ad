/** @file Logs that are read on as they grow: begun, paused, stopped by the analyst. */
import type { Watch } from '../../shared/sources.ts';
import type { AppState } from './app.svelte.ts';
import type { OpenItem } from './open.svelte.ts';

export class Following {
  readonly #app: AppState;

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Follows the file in view as it grows. */
  file(item: OpenItem): Promise<boolean> {
    return this.#app.attempt('Following', async () => {
      const { preview } = item;
      if (!preview || item.stage !== 'ready') return;
      const format = item.format === preview.detected ? {} : { format: item.format };
      await this.#app.logs.follow(preview.file.token, format);
      this.#app.open.remove(item);
      this.#app.go('logs');
    });
  }

  folder(): Promise<boolean> {
    return this.#app.attempt('Following a folder', async () => {
      if (await this.#app.logs.chooseFolder()) this.#app.dialog = 'followFolder';
    });
  }

  set(watch: Watch, state: Watch['state']): Promise<boolean> {
    return this.#app.attempt(state === 'following' ? 'Following' : 'Changing what is followed', () =>
      this.#app.logs.setWatch(watch, state),
    );
  }

  /** What the log in view is followed by. */
  inView(): Watch | null {
    return this.#app.logs.watchList.find(({ id }) => id === this.#app.logs.selected?.live?.watchId) ?? null;
  }
}
