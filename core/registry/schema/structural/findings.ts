import type { FieldError } from '../../../api/status.ts'

/** What a check of a value has found, and how many of its rules applied (upstream: kube-openapi validate.Result). */
export class Findings {
  readonly errors: FieldError[] = []
  /** How well the schema fits: of several that do not, the errors of the best are told. */
  matches = 0

  /** Where errors are and what they say, once there are some. */
  #known: Set<string> | undefined

  /** Notes errors that are not noted yet. */
  add(...errors: (FieldError | undefined)[]): void {
    for (const error of errors) if (error) this.#note(error)
  }

  #note(error: FieldError): void {
    this.#known ??= new Set()
    const text = `${error.field}\n${error.message}`
    if (this.#known.has(text)) return
    this.#known.add(text)
    this.errors.push(error)
  }

  /** Takes over what another check has found. */
  merge(other: Findings): void {
    for (const error of other.errors) this.#note(error)
    this.matches += other.matches
  }

  get isValid(): boolean {
    return this.errors.length === 0
  }
}
