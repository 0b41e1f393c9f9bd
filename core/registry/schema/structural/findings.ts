import type { FieldError } from '../../../api/status.ts'

/** What a check of a value has found, and how many of its rules applied (upstream: kube-openapi validate.Result). */
export class Findings {
  readonly errors: FieldError[] = []
  /** How well the schema fits: of several that do not, the errors of the best are told. */
  matches = 0

  /** Notes errors that are not noted yet. */
  add(...errors: (FieldError | undefined)[]): void {
    for (const error of errors) {
      if (!error) continue
      const { field, message } = error
      if (!this.errors.some((known) => known.field === field && known.message === message))
        this.errors.push(error)
    }
  }

  /** Takes over what another check has found. */
  merge(other: Findings): void {
    this.add(...other.errors)
    this.matches += other.matches
  }

  get isValid(): boolean {
    return this.errors.length === 0
  }
}
