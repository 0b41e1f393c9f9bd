/** A body that is not of the syntax that it should be of; the message says why, and whoever asked for it says what for. */
export class MalformedBody extends Error {}
