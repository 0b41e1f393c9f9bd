import { goString, goType, goValue } from '../../api/go-text.ts'
import { directives } from './patch-directives.ts'
import { PatchError } from './patch-error.ts'

/*
 * What is wrong with a strategic merge patch, in upstream's words (apimachinery: mergepatch/errors.go and
 * strategicpatch/patch.go). Only few of them have a code there; the rest are answered as failures of the server.
 */

type Members = Record<string, unknown>

/** A failure without a code of its own. */
export function mergeFailure(message: string): PatchError {
  return new PatchError(message, 'failed')
}

/** A directive whose value or name has the wrong form. */
export function badFormat(directive: 'primitive list' | 'retainKeys' | 'setElementOrder list'): PatchError {
  return new PatchError(`invalid patch format of ${directive}`, 'malformed')
}

/** A value of another type than there must be. */
export function wrongType(expected: 'map' | 'list', actual: unknown): PatchError {
  const wanted = goType(expected === 'map' ? {} : [])
  // A nil type has no text of its own.
  const found = actual === null ? goString(null) : goType(actual)
  return mergeFailure(`expected a ${wanted}, but received a ${found}`)
}

/** An item of a list that does not say which it is. */
export function noMergeKey(item: Members, mergeKey: string): PatchError {
  return mergeFailure(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`)
}

/** A `$patch` that is none, or none at this place. */
export function unknownDirective(members: Members): PatchError {
  return mergeFailure(
    `unknown patch type: ${goString(members[directives.patch])} in map: ${goValue(members)}`,
  )
}

/** The type that all elements of some lists have. Throws for lists of lists, of several types, and without elements. */
export function elementType(...lists: unknown[][]): string {
  let type: string | undefined
  for (const item of lists.flat()) {
    const found = goType(item)
    if (type === undefined && Array.isArray(item)) throw new PatchError('lists of lists are not supported')
    if (type !== undefined && type !== found)
      throw mergeFailure(`list element types are not identical: ${goValue(lists)}`)
    type = found
  }
  if (type === undefined) throw mergeFailure('no elements in any of the given slices')
  return type
}
