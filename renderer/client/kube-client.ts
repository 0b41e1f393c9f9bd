import { parseExactJson } from '../../core/api/exact-json.ts'
import type { GroupVersionResource } from '../../core/api/gvk.ts'
import { withItemTypes } from '../../core/api/item-types.ts'
import type { KubeList, KubeObject } from '../../core/api/meta.ts'
import { send, sendJson, warningsOf } from './http.ts'
import { kubePath, type PathOptions } from './kube-path.ts'

/** Every write of the page carries this name, so that managedFields say who did it. */
const fieldManager = 'wheelhouse-ui'

export interface ObjectRef {
  namespace?: string | undefined
  name: string
  /** To read a part of it, such as its scale. */
  subresource?: string
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

const patchMedia: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

export interface WriteOptions {
  dryRun?: boolean
  /** `Strict` refuses unknown and duplicate fields. */
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  subresource?: string
  /** Server-side apply: take fields over from other managers. */
  force?: boolean
}

export interface DeleteOptions {
  gracePeriodSeconds?: number | undefined
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined
}

/** What a write gave: the object as the server now has it, and its warnings. */
export interface WriteResult<T> {
  object: T
  warnings: string[]
}

/** Kubernetes requests of one cluster. All methods throw StatusError. */
export interface KubeClient {
  readonly cluster: string
  get<T = KubeObject>(resource: GroupVersionResource, ref: ObjectRef, signal?: AbortSignal): Promise<T>
  list<T extends KubeObject = KubeObject>(
    resource: GroupVersionResource,
    options: PathOptions,
  ): Promise<KubeList<T>>
  create<T = KubeObject>(
    resource: GroupVersionResource,
    object: KubeObject,
    options?: WriteOptions,
  ): Promise<WriteResult<T>>
  replace<T = KubeObject>(
    resource: GroupVersionResource,
    object: KubeObject,
    options?: WriteOptions,
  ): Promise<WriteResult<T>>
  patch<T = KubeObject>(
    resource: GroupVersionResource,
    ref: ObjectRef,
    patch: { type: PatchType; body: unknown; options?: WriteOptions },
  ): Promise<WriteResult<T>>
  remove(resource: GroupVersionResource, ref: ObjectRef, options?: DeleteOptions): Promise<void>
}

function writeQuery(options: WriteOptions): PathOptions['query'] {
  return {
    fieldManager,
    dryRun: options.dryRun ? 'All' : undefined,
    fieldValidation: options.fieldValidation,
    force: options.force,
  }
}

/** Creates the client of one cluster, as the gateway names it. */
export function createKubeClient(cluster: string): KubeClient {
  async function write<T>(path: string, init: RequestInit): Promise<WriteResult<T>> {
    const response = await send(path, init)
    return { object: parseExactJson(await response.text()) as T, warnings: warningsOf(response) }
  }
  const json = { 'content-type': 'application/json', accept: 'application/json' }
  return {
    cluster,
    get: (resource, ref, signal) => sendJson(kubePath(cluster, resource, ref), signal ? { signal } : {}),
    list: async (resource, options) => withItemTypes(await sendJson(kubePath(cluster, resource, options))),
    create: (resource, object, options = {}) =>
      write(
        kubePath(cluster, resource, {
          namespace: object.metadata.namespace,
          ...(options.subresource && { name: object.metadata.name, subresource: options.subresource }),
          query: writeQuery(options),
        }),
        {
          method: 'POST',
          headers: json,
          body: JSON.stringify(object),
        },
      ),
    replace: (resource, object, options = {}) =>
      write(
        kubePath(cluster, resource, {
          namespace: object.metadata.namespace,
          name: object.metadata.name,
          subresource: options.subresource,
          query: writeQuery(options),
        }),
        { method: 'PUT', headers: json, body: JSON.stringify(object) },
      ),
    patch: (resource, ref, { type, body, options = {} }) =>
      write(
        kubePath(cluster, resource, { ...ref, subresource: options.subresource, query: writeQuery(options) }),
        {
          method: 'PATCH',
          headers: { 'content-type': patchMedia[type], accept: 'application/json' },
          body: JSON.stringify(body),
        },
      ),
    remove: async (resource, ref, options = {}) => {
      await send(kubePath(cluster, resource, ref), {
        method: 'DELETE',
        headers: json,
        body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', ...options }),
      })
    },
  }
}
