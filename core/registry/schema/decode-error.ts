import { isNumber } from '../../api/go-text.ts'
import { goKind } from '../../util/go-kind.ts'

/** A value that is not what its type says. */
export interface Misfit {
  value: unknown
  /** The Go type, e.g. `[]v1.Container`. */
  typeText: string
  /** Of what is no plain value: a struct, or a time, which reads its text by itself. */
  reader: 'struct' | 'time' | undefined
}

/** A value that cannot be what its type says. The message is what Go's decoder would say of it. */
export class DecodeError extends Error {
  readonly misfit: Misfit | undefined

  constructor(message: string, misfit?: Misfit) {
    super(message)
    this.misfit = misfit
  }
}

/** Where a decoder is, and what it found on the way. */
export class DecodeState {
  /** Field names and list indices from the root. */
  readonly path: (string | number)[] = []
  /** Struct name of every struct on the path, innermost last; '' for unnamed ones. */
  readonly structs: string[] = []
  /** Where on the path keys of maps stand, innermost last: Go does not tell them. */
  readonly keyDepths: number[] = []
  /** Of objects that are stored already what does not fit is left out, not refused. */
  readonly dropsMalformed: boolean
  /** Paths of fields that the schema does not have, e.g. `spec.containers[0].foo`. */
  readonly unknownFields: string[] = []

  constructor({ dropsMalformed = false } = {}) {
    this.dropsMalformed = dropsMalformed
  }

  unknown(name: string): void {
    this.unknownFields.push(formatPath([...this.path, name]))
  }

  /** Refuses a value of the wrong JSON type, with the wording of Go's encoding/json. */
  typeError(value: unknown, typeText: string, reader?: Misfit['reader']): never {
    const isNamed = (segment: string | number, depth: number): boolean =>
      typeof segment === 'string' && !this.keyDepths.includes(depth)
    const field = this.path.filter(isNamed).join('.')
    const struct = this.structs.findLast((name) => name !== '') ?? ''
    const place = field === '' ? 'value' : `struct field ${struct}.${field}`
    throw new DecodeError(
      `json: cannot unmarshal ${found(value, typeText)} into Go ${place} of type ${typeText}`,
      { value, typeText, reader },
    )
  }
}

/** `['spec', 'containers', 0, 'name']` → `spec.containers[0].name`. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else text += text === '' ? segment : `.${segment}`
  }
  return text
}

/** The path of a value of a map, whose key upstream writes in brackets where a member's name follows a point. */
export function mapValuePath(path: readonly (string | number)[], key: string): readonly (string | number)[] {
  return [...path.slice(0, -1), `${path.at(-1) ?? ''}[${key}]`]
}

/** Of a number that its type cannot hold Go says which. */
function found(value: unknown, typeText: string): string {
  return isNumber(value) && /^u?int|^float/.test(typeText) ? `number ${value}` : goKind(value)
}
