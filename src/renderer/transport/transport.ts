/** @file How the renderer asks and listens, whichever host it runs in. Both implementations unwrap `Result` and throw `AppError`. */
import type { ChosenFile } from '../../shared/sources.ts';
import type { AppEvent } from '../../shared/events.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../shared/routes.ts';

/** `expired`: the host no longer knows this session, so only a fresh link helps. */
export type Connection = 'connected' | 'lost' | 'expired';

export interface Transport {
  /** Throws `AppError`; anything the host could not name arrives with code `INTERNAL`. */
  request<R extends RouteName>(route: R, input: RouteInput<R>): Promise<RouteOutput<R>>;
  subscribe(listener: (event: AppEvent) => void): () => void;
  watchConnection(listener: (connection: Connection) => void): () => void;
  /** Only where the host does not ask before it closes the window: the browser asks, while `isBusy`. Returns what ends it. */
  askBeforeClosing?(isBusy: () => boolean): () => void;
  /** Only where files need not be sent: main reads a dropped one where it lies. */
  offerFile?(file: File): Promise<ChosenFile>;
  /** Only where the host has no file dialog of its own. `onProgress` gets the share sent, 0 to 1. */
  uploadFile?(file: File, onProgress: (share: number) => void, signal?: AbortSignal): Promise<ChosenFile>;
}
