import { StructValue } from '../../../cel/values/containers.ts'
import { CelList } from '../../../cel/values/value.ts'
import type { CelValue } from '../../../cel/values/value.ts'

/**
 * Holds the names of the objects in a value against where they stand: what is at `spec.containers` must be an
 * `Object.spec.containers`. The expression checker knows no schema and cannot. Throws an Error that names the first which
 * is elsewhere (upstream: pkg/cel/mutation/dynamic CheckTypeNamesMatchFieldPathNames).
 */
export function checkTypeNames(value: CelValue, expected: string): void {
  if (value instanceof CelList) {
    for (const item of value) checkTypeNames(item, expected)
  } else if (value instanceof StructValue) {
    if (value.typeName !== expected) {
      throw new Error(
        `type mismatch: unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(expected)}, which matches field name path from root Object type`,
      )
    }
    for (const [field, member] of value.fields) checkTypeNames(member, `${expected}.${field}`)
  }
}
