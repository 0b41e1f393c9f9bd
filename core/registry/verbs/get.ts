import { expired, methodNotSupported, notFound } from '../../api/status.ts'
import { CompactedError } from '../../storage/store.ts'
import type { Entry } from '../../storage/store.ts'
import { isCustom } from '../kind.ts'
import type { ReadOptions, WriteResult } from '../registry.ts'
import { parseResourceVersion, tooLargeResourceVersion } from './resource-version.ts'
import { scaleOf } from './scale.ts'
import { getEntry, keyOf, requireVerb, storeFailure } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { resultOfEntry, resultOfObject } from './write-result.ts'

/**
 * Reads one object, its scale, or the object behind another subresource. Beyond what kube-apiserver offers, a
 * resourceVersion with `resourceVersionMatch: Exact` reads it as it was then. Throws NotFound, and Expired for a past that
 * is compacted away.
 */
export async function getObject(
  scope: ResourceScope,
  ref: ObjectRef,
  options: ReadOptions & { subresource?: string } = {},
): Promise<WriteResult> {
  const { subresource } = options
  requireReadable(scope, ref, subresource)
  // Events are the one kind that upstream does not keep in its watch cache.
  const use = { isUncached: scope.definition.kind === 'Event' && !isCustom(scope.definition) }
  const asked = parseResourceVersion(options.resourceVersion, use)
  const { revision } = scope.store
  if (asked !== undefined && asked > revision) throw tooLargeResourceVersion(asked, revision, use)
  const isExact = options.resourceVersionMatch === 'Exact' && asked !== undefined && asked > 0
  const entry = isExact ? await entryAt(scope, ref, asked) : await getEntry(scope, ref)
  if (subresource !== 'scale') return resultOfEntry(entry)
  return resultOfObject(scaleOf(scope.definition, entry.object))
}

async function entryAt(scope: ResourceScope, ref: ObjectRef, revision: number): Promise<Entry> {
  try {
    const entry = await scope.store.getAt(keyOf(scope, ref), revision)
    if (entry) return entry
  } catch (error) {
    if (error instanceof CompactedError)
      throw expired('The resourceVersion for the provided object is too old.')
    throw storeFailure(error)
  }
  throw notFound(scope.resource, ref.name)
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
