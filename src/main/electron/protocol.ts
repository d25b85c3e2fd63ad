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

/** Every answer carries the policy, those that say no as well: they are pages, too. */
const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export function serveRenderer(rendererDirectory: string): void {
  protocol.handle('app', async (request) => {
    const url = new URL(request.url);
    const isOurs = url.host === 'surprisal' && request.method === 'GET';
    const found = isOurs ? await readStatic(rendererDirectory, url.pathname) : undefined;
    const type = found?.mediaType ?? 'text/plain; charset=utf-8';
    return new Response(found ? new Uint8Array(found.bytes) : 'Nothing is here.', {
      status: found ? 200 : 404,
      headers: { ...securityHeaders, 'content-type': type },
    });
  });
}
