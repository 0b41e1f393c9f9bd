/**
 * Whose fault it is that a patch cannot be applied, which decides how it is answered: `malformed` is the request's as such
 * (400), `unfit` does not go with this object (422), and `failed` is what upstream has no code for (500).
 */
export type PatchFault = 'malformed' | 'unfit' | 'failed'

/** A patch that cannot be applied. */
export class PatchError extends Error {
  readonly fault: PatchFault
  constructor(message: string, fault: PatchFault = 'unfit') {
    super(message)
    this.fault = fault
  }
}

/** A `test` of a JSON patch that says no. */
export class PatchTestError extends PatchError {}
