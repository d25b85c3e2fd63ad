/** @file The frames of a page and their scripts' worlds, as Chromium reports them: who really sent a message is read from here. */
import type { WebFrameMain } from 'electron';
import type { CdpParameters, CdpSession } from './cdp.ts';
import { only } from './only.ts';
import { fromPage } from './origin.ts';
import { preloadWorld } from './worlds.ts';

type FrameInfo = { id: string; parentId?: string; url: string };

export class Frames {
  readonly mainId: string;
  readonly #frames = new Map<string, FrameInfo>();
  /** Execution contexts of preload worlds → frame. */
  readonly #contexts = new Map<number, string>();

  /** The top frame of a page has the page's own id. */
  constructor(session: CdpSession, mainId: string) {
    this.mainId = mainId;
    this.#frames.set(mainId, { id: mainId, url: 'about:blank' });
    session.on('Page.frameAttached', (event: CdpParameters) => {
      const id = String(event['frameId']);
      this.#frames.set(id, { id, parentId: String(event['parentFrameId']), url: 'about:blank' });
    });
    session.on('Page.frameNavigated', ({ frame }: { frame: FrameInfo }) => this.#frames.set(frame.id, frame));
    session.on('Page.frameDetached', (event: CdpParameters) => this.#frames.delete(String(event['frameId'])));
    session.on('Runtime.executionContextCreated', ({ context }: { context: CdpParameters }) => {
      const { frameId } = context['auxData'] as { frameId: string };
      if (context['name'] === preloadWorld) this.#contexts.set(Number(context['id']), frameId);
    });
    session.on('Runtime.executionContextDestroyed', (event: CdpParameters) => {
      this.#contexts.delete(Number(event['executionContextId']));
    });
    session.on('Runtime.executionContextsCleared', () => this.#contexts.clear());
  }

  has(frameId: string): boolean {
    return this.#frames.has(frameId);
  }

  get mainUrl(): string {
    return fromPage(this.#frames.get(this.mainId)?.url ?? '');
  }

  /** The preload's world in a frame; in the top frame when none is named. */
  contextOf(frameId: string = this.mainId): number | undefined {
    return [...this.#contexts].findLast(([, owner]) => owner === frameId)?.[0];
  }

  /** The first frame below the top one whose address starts so. */
  findChild(urlPrefix: string): string | undefined {
    return [...this.#frames.values()].find((frame) => frame.parentId && fromPage(frame.url).startsWith(urlPrefix))?.id;
  }

  /** What `event.senderFrame` is for a message from that context; null when the frame has gone. */
  senderOf(contextId: number): WebFrameMain | null {
    const frameId = this.#contexts.get(contextId);
    return frameId === undefined ? null : this.#asWebFrame(frameId);
  }

  #asWebFrame(frameId: string): WebFrameMain | null {
    const frame = this.#frames.get(frameId);
    if (!frame) return null;
    const offered: Pick<WebFrameMain, 'url' | 'parent' | 'top'> = {
      url: fromPage(frame.url),
      parent: frame.parentId ? this.#asWebFrame(frame.parentId) : null,
      top: frameId === this.mainId ? null : this.#asWebFrame(this.mainId),
    };
    return only('WebFrameMain', offered) as WebFrameMain;
  }
}
