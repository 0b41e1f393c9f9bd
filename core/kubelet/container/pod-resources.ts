import type { Container, Pod } from '../../api/generated/core-v1.ts'
import { podLimits, podRequests } from '../../api/pod-requests.ts'
import type { ContainerResources, PodResources } from '../runtime/specs.ts'
import { resourceFields, sameCpu } from './resource-fields.ts'

/** Whether requests or limits of the pod as a whole are given (upstream: component-helpers IsPodLevelResourcesSet). */
export function hasPodResources({ spec: { resources } }: Pod): boolean {
  return Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0
}

/**
 * What one container may use: its own limits, or else those of the pod, which bind it anyway and are worth its knowing
 * (upstream: kuberuntime getCPULimit and getMemoryLimit).
 */
export function containerResources(pod: Pod, container: Container): ContainerResources {
  const { resources } = container
  if (!hasPodResources(pod)) return resourceFields(resources)
  const own = resourceFields(resources)
  const whole = resourceFields({ limits: pod.spec.resources?.limits ?? {} })
  const cpuQuota = own.cpuQuota ?? whole.cpuQuota
  const memoryLimitBytes = own.memoryLimitBytes ?? whole.memoryLimitBytes
  return {
    ...own,
    ...(cpuQuota ? { cpuQuota } : {}),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
  }
}

/**
 * What the containers of a pod may use together (upstream: kubelet/cm ResourceConfigForPod); undefined where nothing but
 * the limits of its containers binds the pod.
 */
export function podResources(pod: Pod, pidsLimit: number | undefined): PodResources | undefined {
  if (pidsLimit === undefined && !hasPodResources(pod)) return undefined
  // By the spec alone: what the status tells is about what is to change.
  const { metadata, spec } = pod
  const requests = podRequests({ metadata, spec })
  const limits = podLimits(pod)
  return {
    ...resourceFields({
      requests: { cpu: `${requests.milliCpu}m` },
      limits: { cpu: `${limits.milliCpu}m`, memory: String(limits.memory) },
    }),
    ...(pidsLimit === undefined ? {} : { pidsLimit }),
  }
}

/** Whether two are the same. */
export function samePodResources(a: PodResources, b: PodResources): boolean {
  return sameCpu(a, b) && a.memoryLimitBytes === b.memoryLimitBytes && a.pidsLimit === b.pidsLimit
}

/** The more of each of both. */
export function mostOf(a: PodResources, b: PodResources): PodResources {
  const more: PodResources = { cpuShares: Math.max(a.cpuShares ?? 0, b.cpuShares ?? 0) }
  if (a.cpuQuota && b.cpuQuota) more.cpuQuota = a.cpuQuota.quota > b.cpuQuota.quota ? a.cpuQuota : b.cpuQuota
  for (const field of ['memoryLimitBytes', 'pidsLimit'] as const) {
    const [left, right] = [a[field], b[field]]
    if (left !== undefined && right !== undefined) more[field] = Math.max(left, right)
  }
  return more
}
