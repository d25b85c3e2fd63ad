/** @file `app://surprisal/…`: the built renderer as a secure origin of its own, with the same policy as over HTTP. */
import { protocol } from 'electron';
import { contentSecurityPolicy } from '../http/server.ts';
import { readStatic } from '../http/staticFiles.ts';

/** Must run before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

export function serveRenderer(rendererDirectory: string): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    const found = url.host === 'surprisal' ? await readStatic(rendererDirectory, url.pathname) : undefined;
    if (!found) return new Response('Nothing is here.', { status: 404 });
    return new Response(new Uint8Array(found.bytes), {
      headers: {
        'content-type': found.mediaType,
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
      },
    });
  });
}
