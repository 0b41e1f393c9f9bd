import type { FieldManagerTarget } from '../apply/target.ts'
import type { Writer } from '../apply/writer.ts'
import { isOlderVersion, withConversions } from '../apply/versions.ts'
import { isCustom } from '../kind.ts'
import type { WriteOptions } from '../registry.ts'
import type { ResourceScope } from './scope.ts'

/** Who writes through these options, for field ownership: `/status` owns status and, where it may change it, metadata; the object all but status. */
function writerOf(scope: ResourceScope, options: WriteOptions): Writer {
  const { context, subresource } = options
  const { status, resetsSpec = false } = scope.definition
  const keeps = subresource === 'status' ? status?.keepsMetadata : undefined
  const ownsByStatus = keeps === 'all' || keeps === 'reset' ? ['status'] : ['status', 'metadata']
  return {
    manager: context.fieldManager,
    apiVersion: scope.apiVersion,
    subresource,
    now: context.now,
    ...(keeps && typeof keeps !== 'string' && { keepsMetadata: keeps }),
    owns: (field) =>
      subresource === 'status'
        ? ownsByStatus.includes(field)
        : !(status && field === 'status') && !(resetsSpec && field === 'spec'),
  }
}

/** Tracks the fields of a write, for which objects may have to be converted to versions in which others wrote. */
export function trackFields<T>(
  scope: ResourceScope,
  options: WriteOptions,
  track: (target: FieldManagerTarget) => T,
): T | Promise<T> {
  const { definition } = scope
  const { convert } = definition
  if (!convert) return track(fieldTarget(scope, options))
  return withConversions(scope.versions, convert, (versions) =>
    track({ ...fieldTarget(scope, options), versions }),
  )
}

/** What the tracking of a write's fields needs to know. */
export function fieldTarget(scope: ResourceScope, options: WriteOptions): FieldManagerTarget {
  const { schema, fields, versions, apiVersion, definition } = scope
  const isOwn = isCustom(definition)
  return {
    schema,
    pool: fields,
    versions,
    writer: writerOf(scope, options),
    isKnown: (version) =>
      version === apiVersion ||
      versions.has(version) ||
      (!isOwn && isOlderVersion(definition.group, version)),
    isCustom: isOwn,
  }
}
