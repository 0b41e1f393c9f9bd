import type { Binding, Pod } from '../../../api/generated/core-v1.ts'
import { setCondition } from '../../../api/conditions.ts'
import type { RequestContext } from '../../../api/request.ts'
import { badRequest, conflict, failure } from '../../../api/status.ts'
import type { FieldError } from '../../../api/status.ts'
import type { SubresourceDefinition } from '../../../registry/kind.ts'
import { notSupported, required } from '../../../api/field-errors.ts'

/**
 * `pods/binding`: assigns the pod to a node (upstream: pkg/registry/core/pod/storage BindingREST). 400 when it is for another pod, 500
 * for a malformed target, 409 when the pod is not the one that is meant, is assigned already, is being deleted or still has
 * scheduling gates.
 */
export const bindingSubresource: SubresourceDefinition<Pod> = {
  body: { group: '', version: 'v1', kind: 'Binding', schema: 'io.k8s.api.core.v1.Binding' },
  verbs: ['create'],
  check(body, name) {
    if (body.metadata.name !== name) throw badRequest('name in URL does not match name in Binding object')
    const errors = validateTarget(body as Binding)
    if (errors.length > 0) throw aggregate(errors)
  },
  apply: (pod, body, context) => bind(pod, body as Binding, context),
}

/** What upstream does not say to be the caller's fault is the server's. */
function aggregate(errors: FieldError[]): Error {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`)
  return failure(500, '', texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`)
}

function bind(pod: Pod, binding: Binding, context: RequestContext): Pod {
  const { name, namespace } = pod.metadata
  const precondition = failedPrecondition(pod, binding)
  if (precondition) {
    const key = `Key: /registry/pods/${namespace}/${name}, ResourceVersion: 0`
    const why = `StorageError: invalid object, Code: 4, ${key}, AdditionalErrorMsg: ${precondition}`
    throw conflict({ group: '', resource: 'pods' }, name, why)
  }
  const why = refusal(pod)
  if (why) throw conflict({ group: '', resource: 'pods/binding' }, name, why)
  const scheduled = { type: 'PodScheduled', status: 'True' }
  // The nomination is fulfilled, or was for another node.
  const { nominatedNodeName: _, ...status } = pod.status ?? {}
  const { annotations, labels } = binding.metadata ?? {}
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotations && { annotations: { ...pod.metadata.annotations, ...annotations } }),
      ...(labels && { labels: { ...pod.metadata.labels, ...labels } }),
    },
    spec: { ...pod.spec, nodeName: binding.target.name ?? '' },
    status: { ...status, conditions: setCondition(status.conditions, scheduled, context.now) },
  }
}

function validateTarget({ target }: Binding): FieldError[] {
  const errors: FieldError[] = []
  if (target?.kind && target.kind !== 'Node') {
    errors.push(notSupported('target.kind', target.kind, ['Node', '<empty>']))
  }
  if (!target?.name) errors.push(required('target.name'))
  return errors
}

function failedPrecondition({ metadata }: Pod, binding: Binding): string | undefined {
  const { uid, resourceVersion } = binding.metadata ?? {}
  if (uid && uid !== metadata.uid) {
    return `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
  }
  if (!resourceVersion || resourceVersion === metadata.resourceVersion) return undefined
  return `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`
}

function refusal(pod: Pod): string | undefined {
  const { name, deletionTimestamp } = pod.metadata
  if (deletionTimestamp) return `pod ${name} is being deleted, cannot be assigned to a host`
  if (pod.spec.nodeName) return `pod ${name} is already assigned to node "${pod.spec.nodeName}"`
  if (pod.spec.schedulingGates?.length) return `pod ${name} has non-empty .spec.schedulingGates`
  return undefined
}
