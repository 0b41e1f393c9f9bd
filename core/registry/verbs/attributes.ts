import type { GroupVersionKind } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes, ObjectEditor, RequestContext, RequestOptions } from '../../api/request.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'

export interface WriteFacts {
  operation: AdmissionAttributes['operation']
  subresource?: string
  object: KubeObject | undefined
  oldObject: KubeObject | undefined
  context: RequestContext
  isPatch?: boolean | undefined
  options?: RequestOptions
  /** Of a body that is not of the resource's own kind, with what edits it. */
  body?: { kind: GroupVersionKind; editor?: ObjectEditor }
}

/** What admission is told about a write to `ref`. */
export function attributesOf(scope: ResourceScope, ref: ObjectRef, facts: WriteFacts): AdmissionAttributes {
  return {
    operation: facts.operation,
    resource: scope.resource,
    kind: scope.definition.kind,
    objectKind: facts.body?.kind,
    namespace: scope.definition.namespaced ? ref.namespace : undefined,
    name: ref.name,
    subresource: facts.subresource,
    object: facts.object,
    oldObject: facts.oldObject,
    isPatch: facts.isPatch,
    options: facts.options,
    context: facts.context,
    editor: facts.body ? facts.body.editor : scope.editor,
    equivalents: scope.equivalents,
  }
}
