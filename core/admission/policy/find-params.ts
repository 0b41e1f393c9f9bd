import type { ParamKind, ParamRef } from '../../api/generated/admissionregistration-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { labelMatcher } from '../../api/selectors.ts'
import { isNotFound } from '../../api/status.ts'
import type { AdmissionReader } from '../admission-reader.ts'

/** The resource that serves a kind now; undefined when none does. */
export type KindFinder = (apiVersion: string, kind: string) => Resource<KubeObject> | undefined

/** Where parameters are looked for. */
export interface ParamSource {
  reader: AdmissionReader
  findKind: KindFinder
}

/** The kind as upstream prints it: `example.com/v1, Kind=Limit`. */
function paramKindText({ apiVersion = '', kind = '' }: ParamKind): string {
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
}

/** The resource of a policy's parameters; undefined when it has none. Throws an Error when nothing serves the kind. */
export function paramResource(
  paramKind: ParamKind | undefined,
  { findKind }: ParamSource,
): Resource<KubeObject> | undefined {
  if (!paramKind) return undefined
  const resource = findKind(paramKind.apiVersion ?? '', paramKind.kind ?? '')
  if (!resource) {
    throw new Error(`failed to find resource referenced by paramKind: '${paramKindText(paramKind)}'`)
  }
  return resource
}

/**
 * The parameters that a binding refers to; one that is undefined stands for "evaluate without", and none at all for "do
 * not evaluate" (upstream: plugin/policy/generic CollectParams). They are read from the API, so a new one counts at once.
 * Throws an Error that says what is wrong with the binding.
 */
export async function findParams(
  { reader }: ParamSource,
  resource: Resource<KubeObject> | undefined,
  paramRef: ParamRef | undefined,
  requestNamespace: string | undefined,
): Promise<(KubeObject | undefined)[]> {
  if (!resource || !paramRef) return [undefined]
  const { name, selector, parameterNotFoundAction } = paramRef
  const namespace = namespaceOfParams(resource, paramRef, requestNamespace)
  const where = namespace === undefined ? {} : { namespace }
  const found = name
    ? await readOne(reader, resource, { ...where, name })
    : (await reader.list(resource, where)).items.filter(({ metadata }) =>
        labelMatcher(selector)(metadata.labels),
      )
  if (found.length === 0 && parameterNotFoundAction === 'Deny') {
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction')
  }
  return found
}

function namespaceOfParams(
  { namespaced }: Resource<KubeObject>,
  { namespace }: ParamRef,
  requestNamespace: string | undefined,
): string | undefined {
  if (!namespaced) {
    if (namespace) {
      throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
    }
    return undefined
  }
  const where = namespace || requestNamespace
  if (where) return where
  throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
}

async function readOne(
  reader: AdmissionReader,
  resource: Resource<KubeObject>,
  ref: { namespace?: string; name: string },
): Promise<KubeObject[]> {
  try {
    return [await reader.get(resource, ref)]
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}
