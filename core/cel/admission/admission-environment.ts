import { boolType, dynType, intType, libraryTypes, listOf, mapOf, objectType } from '../cel-type.ts'
import { stringType, timestampType } from '../cel-type.ts'
import type { CelType, ObjectType } from '../cel-type.ts'
import { createEnvironment } from '../environment.ts'
import type { Environment } from '../environment.ts'
import { patchType } from './patch-types.ts'

/** What an expression may read beside `object`, `oldObject`, `request` and `namespaceObject`. */
export interface AdmissionNames {
  hasParams?: boolean
  /** `authorizer` and `authorizer.requestResource`. */
  hasAuthorizer?: boolean
  /** Whether it may make `Object{…}` and `JSONPatch{…}`, and call `jsonpatch.escapeKey`. */
  hasPatchTypes?: boolean
  /** The types of objects and parameters where they are known; any type by default. */
  types?: { object?: CelType; params?: CelType }
  /** The type of `variables`, where a policy has some: `variablesType(…)`. */
  variables?: ObjectType | undefined
}

const strings = listOf(stringType)
const labels = mapOf(stringType, stringType)

function textsType(name: string, ...fields: string[]): ObjectType {
  return objectType(name, Object.fromEntries(fields.map((field) => [field, stringType])))
}

const kindType = textsType('kubernetes.GroupVersionKind', 'group', 'version', 'kind')
const resourceType = textsType('kubernetes.GroupVersionResource', 'group', 'version', 'resource')

/** The request as expressions see it: without its objects, which are variables of their own (BuildRequestType). */
const requestType = objectType('kubernetes.AdmissionRequest', {
  kind: kindType,
  resource: resourceType,
  subResource: stringType,
  requestKind: kindType,
  requestResource: resourceType,
  requestSubResource: stringType,
  name: stringType,
  namespace: stringType,
  operation: stringType,
  userInfo: objectType('kubernetes.UserInfo', {
    username: stringType,
    uid: stringType,
    groups: strings,
    extra: mapOf(stringType, strings),
  }),
  dryRun: boolType,
  options: dynType,
})

/** The namespace of the object; some metadata is left out, and `UID` is upstream's spelling (BuildNamespaceType). */
const namespaceType = objectType('kubernetes.Namespace', {
  metadata: objectType('kubernetes.NamespaceMetadata', {
    name: stringType,
    generateName: stringType,
    namespace: stringType,
    labels,
    annotations: labels,
    UID: stringType,
    creationTimestamp: timestampType,
    deletionGracePeriodSeconds: intType,
    deletionTimestamp: timestampType,
    generation: intType,
    resourceVersion: stringType,
    finalizers: strings,
  }),
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: strings }),
  status: objectType('kubernetes.NamespaceStatus', {
    conditions: listOf(
      objectType('kubernetes.NamespaceCondition', {
        status: stringType,
        type: stringType,
        lastTransitionTime: timestampType,
        message: stringType,
        reason: stringType,
      }),
    ),
    phase: stringType,
  }),
})

/**
 * The environment of conditions of webhooks and of expressions of admission policies (upstream:
 * apiserver/pkg/admission/plugin/cel/compile.go).
 */
export function admissionEnvironment(names: AdmissionNames): Environment {
  return createEnvironment({
    variables: {
      object: names.types?.object ?? dynType,
      oldObject: names.types?.object ?? dynType,
      request: requestType,
      namespaceObject: namespaceType,
      ...(names.hasParams && { params: names.types?.params ?? dynType }),
      ...(names.hasAuthorizer && {
        authorizer: libraryTypes.Authorizer,
        'authorizer.requestResource': libraryTypes.ResourceCheck,
      }),
      ...(names.variables && { variables: names.variables }),
    },
    ...(names.hasPatchTypes && { structs: patchType, hasPatchFunctions: true }),
  })
}

/**
 * The type of `variables` after some of a policy's are compiled: by name, what each yields, undefined for one that does
 * not compile (upstream: composition.go). Expressions see only those before them.
 */
export function variablesType(outputs: ReadonlyMap<string, CelType | undefined>): ObjectType {
  const fields = [...outputs].map(([name, type]) => [name, type ? plainType(type) : dynType] as const)
  return objectType('kubernetes.variables', Object.fromEntries(fields))
}

/** Objects and values of libraries are of any type once they are variables (convertCelTypeToDeclType). */
function plainType(type: CelType): CelType {
  switch (type.kind) {
    case 'list':
      return listOf(plainType(type.element))
    case 'map':
      return mapOf(plainType(type.key), plainType(type.value))
    case 'object':
    case 'opaque':
    case 'type':
    case 'parameter':
      return dynType
    default:
      return type
  }
}
