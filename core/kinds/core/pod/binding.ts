import type { Binding, Pod } from '../../../api/generated/core-v1.ts'
import { observedGenerationOf, setCondition } from '../../../api/conditions.ts'
import type { RequestContext } from '../../../api/request.ts'
import { conflict, invalid } from '../../../api/status.ts'
import type { FieldError } from '../../../api/status.ts'
import type { SubresourceDefinition } from '../../../registry/kind.ts'
import { notSupported, required } from '../../../api/field-errors.ts'

/**
 * `pods/binding`: assigns the pod to a node (upstream: pkg/registry/core/pod/storage BindingREST). 422 for a malformed
 * target, 409 when the pod is assigned already, is being deleted or still has scheduling gates.
 */
export const bindingSubresource: SubresourceDefinition<Pod> = {
  body: { group: '', version: 'v1', kind: 'Binding', schema: 'io.k8s.api.core.v1.Binding' },
  verbs: ['create'],
  apply: (pod, body, context) => bind(pod, body as Binding, context),
}

function bind(pod: Pod, binding: Binding, context: RequestContext): Pod {
  const { name } = pod.metadata
  const errors = validateTarget(binding)
  if (errors.length > 0) throw invalid({ group: '', kind: 'Binding' }, name, errors)
  const why = refusal(pod, binding)
  if (why) throw conflict({ group: '', resource: 'pods/binding' }, name, why)
  const scheduled = { type: 'PodScheduled', status: 'True', ...observedGenerationOf(pod) }
  // The nomination is fulfilled, or was for another node.
  const { nominatedNodeName: _, ...status } = pod.status ?? {}
  const next: Pod = {
    ...pod,
    spec: { ...pod.spec, nodeName: binding.target.name ?? '' },
    status: { ...status, conditions: setCondition(status.conditions, scheduled, context.now) },
  }
  const { annotations } = binding.metadata ?? {}
  if (annotations) {
    next.metadata = { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } }
  }
  return next
}

function validateTarget({ target }: Binding): FieldError[] {
  const errors: FieldError[] = []
  if (target?.kind && target.kind !== 'Node') {
    errors.push(notSupported('target.kind', target.kind, ['Node', '<empty>']))
  }
  if (!target?.name) errors.push(required('target.name'))
  return errors
}

function refusal(pod: Pod, binding: Binding): string | undefined {
  const { name, uid, deletionTimestamp } = pod.metadata
  const wanted = binding.metadata?.uid
  if (wanted && wanted !== uid) {
    return `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${uid}`
  }
  if (deletionTimestamp) return `pod ${name} is being deleted, cannot be assigned to a host`
  if (pod.spec.nodeName) return `pod ${name} is already assigned to node "${pod.spec.nodeName}"`
  if (pod.spec.schedulingGates?.length) return `pod ${name} has non-empty .spec.schedulingGates`
  return undefined
}
