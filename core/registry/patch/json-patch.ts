import fastJsonPatch from 'fast-json-patch'
import type { Operation } from 'fast-json-patch'
import { tooLarge } from '../../api/status.ts'
import { PatchError, PatchTestError } from './patch-error.ts'

/** Upstream's limit (apiserver pkg/endpoints/handlers/patch.go). */
const maxOperations = 10_000

/** Applies a JSON patch (RFC 6902) to a copy. Throws PatchError; 413 for too many operations. */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new PatchError('a JSON patch must be an array of operations', true)
  if (operations.length > maxOperations) {
    throw tooLarge(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
    )
  }
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
