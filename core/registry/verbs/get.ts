import { methodNotSupported, notFound } from '../../api/status.ts'
import type { ReadOptions, WriteResult } from '../registry.ts'
import { parseResourceVersion, tooLargeResourceVersion } from './resource-version.ts'
import { scaleOf } from './scale.ts'
import { getEntry, requireVerb } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { resultOfEntry, resultOfObject } from './write-result.ts'

/** Reads one object, its scale, or the object behind another subresource. Throws NotFound. */
export async function getObject(
  scope: ResourceScope,
  ref: ObjectRef,
  options: ReadOptions & { subresource?: string } = {},
): Promise<WriteResult> {
  const { subresource } = options
  requireReadable(scope, ref, subresource)
  const asked = parseResourceVersion(options.resourceVersion)
  const { revision } = scope.store
  if (asked !== undefined && asked > revision) throw tooLargeResourceVersion(asked, revision)
  const entry = await getEntry(scope, ref)
  if (subresource !== 'scale') return resultOfEntry(entry)
  return resultOfObject(scaleOf(scope.definition, entry.object))
}

function requireReadable(scope: ResourceScope, ref: ObjectRef, subresource: string | undefined): void {
  const { definition, resource } = scope
  if (subresource === undefined) return requireVerb(scope, 'get')
  const isServed =
    (subresource === 'status' && definition.status !== undefined) ||
    (subresource === 'scale' && definition.scale !== undefined)
  if (isServed) return
  const named = definition.subresources?.[subresource]
  if (!named) throw notFound(resource, ref.name)
  if (!named.verbs.includes('get')) throw methodNotSupported(resource, 'get')
}
