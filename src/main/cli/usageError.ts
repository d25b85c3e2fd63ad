/** @file What is wrong with the words of a command. Told to the user with exit status 2. */

export class UsageError extends Error {}
