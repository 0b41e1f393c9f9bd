/** A command line that cannot be used; the message says why in one line. */
export class UsageError extends Error {}
