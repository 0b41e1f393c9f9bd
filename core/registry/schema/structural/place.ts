import { goNumber, goQuote } from '../../../api/go-text.ts'
import type { FieldError } from '../../../api/status.ts'
import { formatPath } from '../decode-error.ts'
import type { PatternMatcher } from './patterns.ts'

/** Where a value stands, and what a check of it needs. */
export class ValuePlace {
  readonly path: readonly (string | number)[]
  /** The path as texts have it, '' for what is judged as a whole. */
  readonly name: string
  readonly patterns: PatternMatcher
  /** The field of the whole object that is judged, such as `status`; '' for the object itself. */
  readonly root: string

  constructor(path: readonly (string | number)[], { patterns, root = '' }: PlaceOptions) {
    this.path = path
    this.name = formatPath(path)
    this.patterns = patterns
    this.root = root
  }

  /** The place of a member or item of the value here. */
  child(segment: string | number): ValuePlace {
    return new ValuePlace([...this.path, segment], this)
  }

  /** The path from the object's root, as fields of errors have it. */
  get field(): string {
    const { name, root } = this
    if (name === '') return root || '<nil>'
    return root === '' ? name : name.startsWith('[') ? `${root}${name}` : `${root}.${name}`
  }
}

export interface PlaceOptions {
  patterns: PatternMatcher
  root?: string
}

/** An error whose text names the place once more (upstream: kube-openapi validation/errors). */
export function inBody(
  { field, name }: ValuePlace,
  value: string | number | bigint,
  text: string,
): FieldError {
  const shown = typeof value === 'string' ? goQuote(value) : goNumber(value)
  return { type: 'FieldValueInvalid', field, message: `Invalid value: ${shown}: ${name} in body ${text}` }
}

/** An error that belongs to no one field: upstream gives it the path of the whole. */
export function withoutField({ root }: ValuePlace, text: string): FieldError {
  return { type: 'FieldValueInvalid', field: root || '<nil>', message: `Invalid value: "": ${text}` }
}

/** A value of another type or format than the schema's. */
export function wrongType(
  { field, name }: ValuePlace,
  { wanted, found }: { wanted: string; found: string },
): FieldError {
  const shown = goQuote(found)
  const message = `Invalid value: ${shown}: ${name} in body must be of type ${wanted}: ${shown}`
  return { type: 'FieldValueTypeInvalid', field, message }
}
