/**
 * @file How `app://` lives in a Chromium that does not know it: `app://host/path` is shown to the page as
 * `https://host.app-scheme.test/path`, one to one, so that origin, secure context and CSP's 'self' mean what they mean for a standard, secure
 * scheme. `.test` is reserved and never resolves; every request is answered before the network. Main only ever sees the `app://` side.
 */

const suffix = '.app-scheme.test';

/** The address Chromium is given. Anything but `app:` stays as it is. */
export function toPage(url: string): string {
  const found = /^(blob:)?app:\/\/([^/?#]*)(.*)$/s.exec(url);
  return found ? `${found[1] ?? ''}https://${found[2]}${suffix}${found[3]}` : url;
}

/** The address Electron would report. */
export function fromPage(url: string): string {
  const found = /^(blob:)?https:\/\/([^/?#]*)\.app-scheme\.test(|[/?#].*)$/s.exec(url);
  return found ? `${found[1] ?? ''}app://${found[2]}${found[3]}` : url;
}
