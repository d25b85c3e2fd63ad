/** @file What speaks against taking an event as normal, by row of a log. */

/** Numbers in bytes: what is not `none` is not learned. `doubtful` lies under an alert, `undecidedAlert` is where one stands that nobody decided. */
export const rowDoubt = { none: 0, doubtful: 1, undecidedAlert: 2 } as const;
