import type { FieldManagerTarget } from '../apply/field-manager.ts'
import type { Writer } from '../apply/writer.ts'
import type { WriteOptions } from '../registry.ts'
import type { ResourceScope } from './scope.ts'

/** Who writes through these options, for field ownership: `/status` owns status and, where it may change it, metadata; the object all but status. */
function writerOf(scope: ResourceScope, options: WriteOptions): Writer {
  const { context, subresource } = options
  const { status } = scope.definition
  const keeps = subresource === 'status' ? status?.keepsMetadata : undefined
  const ownsByStatus = keeps === 'all' || keeps === 'reset' ? ['status'] : ['status', 'metadata']
  return {
    manager: context.fieldManager,
    apiVersion: scope.apiVersion,
    subresource,
    now: context.now,
    ...(keeps && typeof keeps !== 'string' && { keepsMetadata: keeps }),
    owns: (field) =>
      subresource === 'status' ? ownsByStatus.includes(field) : !(status && field === 'status'),
  }
}

/** What the tracking of a write's fields needs to know. */
export function fieldTarget(scope: ResourceScope, options: WriteOptions): FieldManagerTarget {
  const { schema, fields, versions } = scope
  return { schema, pool: fields, versions, writer: writerOf(scope, options) }
}
