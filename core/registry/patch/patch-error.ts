/** A patch that cannot be applied. `malformed` patches are the request's fault as such; others fail on this object. */
export class PatchError extends Error {
  readonly malformed: boolean
  constructor(message: string, malformed = false) {
    super(message)
    this.malformed = malformed
  }
}

/** A `test` of a JSON patch that says no. */
export class PatchTestError extends PatchError {}
