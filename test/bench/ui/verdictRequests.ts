/**
 * @file What became of verdict keys, by what the page sent. A notice may be gone before anybody saw it: of keys that were refused the screen does not
 * tell how many.
 */

/** Counts verdicts that the page asks for from now on. Runs in the page, and so refers to nothing but what it is given. */
export function countVerdictRequests(page: { fetch: typeof fetch }): { sent: number } {
  const counts = { sent: 0 };
  const { fetch } = page;
  page.fetch = (input, init) => {
    if (typeof init?.body === 'string' && init.body.startsWith('{"route":"verdicts.give"')) counts.sent++;
    return fetch(input, init);
  };
  return counts;
}

/**
 * `refused`: keys that no verdict was asked for. `lost`: verdicts that the page gave, and that the workspace does not have; below zero: it has some that
 * nobody gave.
 */
export function fateOf(struck: number, sent: number, stored: number): { refused: number; lost: number } {
  return { refused: struck - sent, lost: sent - stored };
}
