import { badRequest, failure } from '../../api/status.ts'
import type { StatusError } from '../../api/status.ts'
import type { SchemaNode } from '../schema/node.ts'
import { applyJsonPatch } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'
import { PatchError } from './patch-error.ts'
import { applyStrategicMergePatch } from './strategic-merge-patch.ts'

/** A patch that turns one document into another by itself. */
export type DocumentPatch =
  | { type: 'json'; operations: unknown }
  | { type: 'merge'; patch: unknown }
  | { type: 'strategic'; patch: unknown }

/**
 * Applies a patch to a document, which stays as it is; the result may share parts with it. `node` tells a strategic
 * merge how to merge. Apply patches are no patches of documents; see core/registry/apply. Throws BadRequest for a malformed patch, 422
 * for one that does not fit the document, and 500 without a reason for what upstream has no answer to.
 */
export function applyPatch(document: unknown, patch: DocumentPatch, node: SchemaNode): unknown {
  try {
    switch (patch.type) {
      case 'json':
        return applyJsonPatch(document, patch.operations)
      case 'merge':
        return applyMergePatch(document, requireObject(patch.patch))
      case 'strategic':
        return applyStrategicMergePatch(document, patch.patch, node)
    }
  } catch (error) {
    throw error instanceof PatchError ? refusal(error) : error
  }
}

function requireObject(patch: unknown): unknown {
  if (typeof patch === 'object' && patch !== null && !Array.isArray(patch)) return patch
  throw new PatchError('a merge patch must be an object', 'malformed')
}

function refusal({ fault, message }: PatchError): StatusError {
  switch (fault) {
    case 'malformed':
      return badRequest(message)
    case 'unfit':
      return failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
    case 'failed':
      return failure(500, '', message)
  }
}
