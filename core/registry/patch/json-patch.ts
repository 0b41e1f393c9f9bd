import fastJsonPatch from 'fast-json-patch'
import type { Operation } from 'fast-json-patch'
import { tooLarge } from '../../api/status.ts'
import { PatchError, PatchTestError } from './patch-error.ts'
import { goKind } from '../../util/go-kind.ts'

/** Upstream's limit (apiserver pkg/endpoints/handlers/patch.go). */
const maxOperations = 10_000

/** What is wrong with an operation as such (upstream: evanphx/json-patch, validateOperation). */
function problemOf({ op, path, value, from }: Record<string, unknown>): string | undefined {
  if ((op === 'add' || op === 'replace') && value === undefined)
    return "failed to decode 'value': operation, missing value field: missing value"
  if ((op === 'move' || op === 'copy') && from === undefined)
    return "failed to decode 'from': operation, missing from field: missing value"
  if (!['add', 'copy', 'move', 'remove', 'replace', 'test'].includes(op as string))
    return 'unsupported operation'
  return path === undefined
    ? "failed to decode 'path': operation missing path field: missing value"
    : undefined
}

/** Refuses an operation that says too little, showing it with its members in order, as Go prints a map. */
function checkOperation(operation: unknown): void {
  if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
    const why = `json: cannot unmarshal ${goKind(operation)} into Go value of type handlers.jsonPatchOp`
    throw new PatchError(`error decoding patch: ${why}`, true)
  }
  const problem = problemOf(operation as Record<string, unknown>)
  if (problem === undefined) return
  const members = Object.entries(operation).sort(([a], [b]) => (a < b ? -1 : 1))
  const shown = JSON.stringify(Object.fromEntries(members))
  throw new PatchError(`invalid operation ${shown}: ${problem}`, true)
}

/** Applies a JSON patch (RFC 6902) to a copy. Throws PatchError; 413 for too many operations. */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    const why = `json: cannot unmarshal ${goKind(operations)} into Go value of type []handlers.jsonPatchOp`
    throw new PatchError(`error decoding patch: ${why}`, true)
  }
  if (operations.length > maxOperations) {
    throw tooLarge(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
    )
  }
  for (const operation of operations) checkOperation(operation)
  try {
    const mutates = false
    const bansPrototypes = true
    const patched = fastJsonPatch.applyPatch(
      document,
      operations as Operation[],
      true,
      mutates,
      bansPrototypes,
    )
    return patched.newDocument
  } catch (error) {
    // The library's messages go on with the whole tree; the first line says what is wrong.
    const message = error instanceof Error ? error.message.split('\n')[0]! : String(error)
    const isTest = error instanceof Error && error.name === 'TEST_OPERATION_FAILED'
    throw isTest ? new PatchTestError(message) : new PatchError(message)
  }
}
