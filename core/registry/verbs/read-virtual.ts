import type { KubeObject } from '../../api/meta.ts'
import type { Entry } from '../../storage/store.ts'
import { textOfObject } from '../../storage/stored-text.ts'
import type { ListPage, ListQuery, WriteResult } from '../registry.ts'
import { requireVerb, type ObjectRef, type ResourceScope } from './scope.ts'
import { compileSelection } from './selection.ts'
import { resultOfObject } from './write-result.ts'

/** Works out objects of a virtual kind when they are read, such as what pods use. Throws StatusErrors. */
export interface VirtualReader {
  get(ref: ObjectRef): Promise<KubeObject>
  /** Those of one namespace, or all. */
  list(namespace: string | undefined): Promise<KubeObject[]>
}

/** Reads one object of a virtual kind. */
export async function getVirtual(
  scope: ResourceScope,
  reader: VirtualReader,
  ref: ObjectRef,
): Promise<WriteResult> {
  requireVerb(scope, 'get')
  return resultOfObject(await reader.get(ref))
}

/** Lists objects of a virtual kind; they have no revision, and a list of them is one page. */
export async function listVirtual(
  scope: ResourceScope,
  reader: VirtualReader,
  query: ListQuery,
): Promise<ListPage> {
  requireVerb(scope, 'list')
  const { matches, namespace } = compileSelection(scope.definition, query)
  const objects = await reader.list(namespace)
  const picked = matches ? objects.filter(matches) : objects
  return { entries: picked.map(entryOf), resourceVersion: '' }
}

function entryOf(object: KubeObject): Entry {
  return { key: '', revision: 0, createRevision: 0, object, bytes: Buffer.from(textOfObject(object)) }
}
