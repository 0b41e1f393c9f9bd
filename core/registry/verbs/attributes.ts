import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes, RequestContext } from '../../api/request.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'

export interface WriteFacts {
  operation: AdmissionAttributes['operation']
  subresource?: string
  object: KubeObject | undefined
  oldObject: KubeObject | undefined
  context: RequestContext
  options?: unknown
}

/** What admission is told about a write to `ref`. */
export function attributesOf(scope: ResourceScope, ref: ObjectRef, facts: WriteFacts): AdmissionAttributes {
  return {
    operation: facts.operation,
    resource: scope.resource,
    kind: scope.definition.kind,
    namespace: scope.definition.namespaced ? ref.namespace : undefined,
    name: ref.name,
    subresource: facts.subresource,
    object: facts.object,
    oldObject: facts.oldObject,
    options: facts.options,
    context: facts.context,
  }
}
