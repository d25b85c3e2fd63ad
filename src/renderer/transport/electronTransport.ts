/** @file The transport over the preload bridge. The bridge has three functions and nothing else. */
import type { ChosenFile } from '../../shared/sources.ts';
import { fromErrorData } from '../../shared/errors.ts';
import type { Result } from '../../shared/errors.ts';
import type { AppEvent } from '../../shared/events.ts';
import type { RouteInput, RouteName, RouteOutput } from '../../shared/routes.ts';
import type { Transport } from './transport.ts';

export type Bridge = {
  request(route: string, input: unknown): Promise<Result<unknown>>;
  offerFile(file: File): Promise<Result<ChosenFile>>;
  subscribe(listener: (event: AppEvent) => void): () => void;
};

export class ElectronTransport implements Transport {
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  async request<R extends RouteName>(route: R, input: RouteInput<R>): Promise<RouteOutput<R>> {
    const result = await this.#bridge.request(route, input);
    if (!result.ok) throw fromErrorData(result.error);
    return result.data as RouteOutput<R>;
  }

  async offerFile(file: File): Promise<ChosenFile> {
    const result = await this.#bridge.offerFile(file);
    if (!result.ok) throw fromErrorData(result.error);
    return result.data;
  }

  subscribe(listener: (event: AppEvent) => void): () => void {
    return this.#bridge.subscribe(listener);
  }

  /** IPC lives as long as the window does. */
  watchConnection(listener: (connection: 'connected') => void): () => void {
    listener('connected');
    return () => undefined;
  }
}
