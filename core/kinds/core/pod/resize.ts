import type { Container, Pod, ResourceRequirements } from '../../../api/generated/core-v1.ts'
import { canonicalQuantity } from '../../../api/quantity.ts'
import { qosClassOf } from '../../../api/qos-class.ts'
import { mirrorAnnotation } from '../../../api/static-pod.ts'
import { invalid } from '../../../api/status.ts'
import type { FieldError } from '../../../api/status.ts'
import type { SubresourceDefinition } from '../../../registry/kind.ts'
import { deepEqual } from '../../validation/deep-equal.ts'
import { forbiddenField, invalidValue } from '../../../api/field-errors.ts'
import { validatePod } from './pod-validation.ts'

/**
 * `pods/resize`: changes CPU and memory of containers that run (upstream: pkg/registry/core/pod ResizeREST and
 * podResizeStrategy). Everything in the body but resources and resize policies is dropped; 422 for what may not change.
 */
export const resizeSubresource: SubresourceDefinition<Pod> = {
  body: { group: '', version: 'v1', kind: 'Pod', schema: 'io.k8s.api.core.v1.Pod' },
  verbs: ['get', 'patch', 'update'],
  apply(pod, body) {
    const next = withResources(pod, body as Pod)
    const errors = validateResize(next, pod)
    if (errors.length > 0) throw invalid({ group: '', kind: 'Pod' }, pod.metadata.name, errors)
    return next
  },
}

/** The pod with the resources of the body, its own and its containers'; containers that do not match stay as sent, for validation to name. */
function withResources(pod: Pod, body: Pod): Pod {
  const spec = { ...pod.spec, containers: takeResources(pod.spec.containers, body.spec.containers) }
  const init = takeResources(pod.spec.initContainers ?? [], body.spec.initContainers ?? [])
  if (init.length > 0) spec.initContainers = init
  if (body.spec.resources) spec.resources = canonical(body.spec.resources)
  else delete spec.resources
  return { ...pod, spec }
}

function takeResources(old: Container[], next: Container[] = []): Container[] {
  if (old.length !== next.length || old.some(({ name }, at) => next[at]?.name !== name)) return next
  return old.map((container, at) => {
    const { resources, resizePolicy } = next[at]!
    const { resources: _, resizePolicy: __, ...rest } = container
    return {
      ...rest,
      ...(resources ? { resources: canonical(resources) } : {}),
      ...(resizePolicy ? { resizePolicy } : {}),
    }
  })
}

function canonical({ limits, requests, ...rest }: ResourceRequirements): ResourceRequirements {
  const list = (quantities: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(quantities).map(([name, quantity]) => [name, canonicalQuantity(quantity) ?? quantity]),
    )
  return {
    ...rest,
    ...(limits ? { limits: list(limits) } : {}),
    ...(requests ? { requests: list(requests) } : {}),
  }
}

/** What a resize may change (upstream: validation.go ValidatePodResize). */
function validateResize(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return [forbiddenField('[]', 'static pods cannot be resized')]
  }
  if (old.spec.os?.name === 'windows') return [forbiddenField('[]', 'windows pods cannot be resized')]
  const errors = validatePod(pod)
  const qosClass = old.status?.qosClass ?? qosClassOf(old.spec)
  if (qosClassOf(pod.spec) !== qosClass) {
    errors.push(invalidValue('spec', qosClass, 'Pod QOS Class may not change as a result of resizing'))
  }
  if (!isSupportedByNode(old)) {
    errors.push(forbiddenField('spec', 'Pod running on node without support for resize'))
  }
  const order = [
    ...validateOrder(pod.spec.initContainers, old.spec.initContainers, 'spec.initContainers'),
    ...validateOrder(pod.spec.containers, old.spec.containers, 'spec.containers'),
  ]
  if (order.length > 0) return [...errors, ...order]
  return [...errors, ...validateContainers(pod, old)]
}

/** A kubelet that can resize says which resources a running container has. */
function isSupportedByNode({ status }: Pod): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running)
  return running === undefined || running.resources !== undefined
}

function validateOrder(next: Container[] = [], old: Container[] = [], path: string): FieldError[] {
  if (next.length !== old.length) {
    return [forbiddenField(path, 'containers may not be added or removed on resize')]
  }
  return next.flatMap(({ name }, at) =>
    name === old[at]?.name
      ? []
      : [forbiddenField(`${path}[${at}].name`, 'containers may not be renamed or reordered on resize')],
  )
}

/** What is asked for of the pod, its containers and sidecars, and that nothing else changes. */
function validateContainers(pod: Pod, old: Pod): FieldError[] {
  const init = pairsOf(pod.spec.initContainers, old.spec.initContainers, 'spec.initContainers')
  const main = pairsOf(pod.spec.containers, old.spec.containers, 'spec.containers')
  const sidecars = init.filter(({ before }) => before.restartPolicy === 'Always')
  const own = ({ spec: { resources } }: Pod): Change['after'] => ({ resources: resources ?? {} })
  const whole = { after: own(pod), before: own(old), path: 'spec.resources' }
  return [
    ...[...sidecars, ...main, whole].flatMap(validateKept),
    ...[...main, whole]
      .filter(differsBeyondComputed)
      .map(() => forbiddenField('spec', 'only cpu and memory resources are mutable')),
    ...init.flatMap((pair) => {
      if (pair.before.restartPolicy === 'Always') {
        const why = 'only cpu and memory resources for sidecar containers are mutable'
        return differsBeyondComputed(pair) ? [forbiddenField('spec', why)] : []
      }
      const why = 'resources for non-sidecar init containers are immutable'
      return deepEqual(pair.after, pair.before) ? [] : [forbiddenField('spec', why)]
    }),
  ]
}

/** Resources as they are to be and as they were. */
interface Change {
  after: Pick<Container, 'resources'>
  before: Pick<Container, 'resources'>
  path: string
}

/** A container as it is to be and as it was. */
interface Pair extends Change {
  after: Container
  before: Container
}

function pairsOf(next: Container[] = [], old: Container[] = [], path: string): Pair[] {
  return next.map((after, at) => ({ after, before: old[at]!, path: `${path}[${at}].resources` }))
}

/** What was asked for or limited once stays so, with another amount. */
function validateKept({ after, before, path }: Change): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const now = after.resources?.[list] ?? {}
    const removed = Object.keys(before.resources?.[list] ?? {}).some((name) => now[name] === undefined)
    return removed ? [forbiddenField(`${path}.${list}`, `resource ${list} cannot be removed`)] : []
  })
}

const computed = ['cpu', 'memory']

/** Whether containers differ in more than CPU and memory. */
function differsBeyondComputed({ after, before }: Change): boolean {
  const reset = { ...after, resources: withComputedOf(after.resources, before.resources) }
  return !deepEqual(reset, before)
}

function withComputedOf(
  resources: ResourceRequirements = {},
  old: ResourceRequirements = {},
): ResourceRequirements {
  const list = (name: 'limits' | 'requests'): Record<string, string> => {
    const others = Object.entries(resources[name] ?? {}).filter(([resource]) => !computed.includes(resource))
    const before = Object.entries(old[name] ?? {}).filter(([resource]) => computed.includes(resource))
    return Object.fromEntries([...others, ...before])
  }
  return { ...resources, limits: list('limits'), requests: list('requests') }
}
