import { isExtendedResource } from '../extended-resources.ts'
import type { Container, Pod } from '../generated/core-v1.ts'
import type { Amounts } from './amounts.ts'
import { addAmounts } from './amounts.ts'
import type { QuotaEvaluator } from './quota-evaluator.ts'
import { podResources } from './pod-resources.ts'
import { podMatchesScope } from './scopes.ts'

const computed = ['cpu', 'memory', 'ephemeral-storage']
const bounded = new Set([
  'count/pods',
  'pods',
  ...computed.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
])
/** Where a quota bounds these, every container must say what it wants of them. */
const mandatory = new Set(['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]))

/** What a quota can bound beyond the usual: `requests.example.com/gpu`, huge pages. */
function isOtherRequest(name: string): boolean {
  if (/^(requests\.)?hugepages-/.test(name)) return true
  return name.startsWith('requests.') && name.includes('/') && !name.includes('kubernetes.io/')
}

/** Whether a pod still takes anything of a node (upstream: QuotaV1Pod). */
export function isCountedPod({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return now <= Date.parse(deletionTimestamp) + Number(deletionGracePeriodSeconds) * 1000
}

/** What requests and limits count for under the names that quotas know. */
function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage: Amounts = { pods: '1' }
  for (const name of computed) {
    const [request, limit] = [requests[name], limits[name]]
    if (request !== undefined) usage[name] = usage[`requests.${name}`] = request
    if (limit !== undefined) usage[`limits.${name}`] = limit
  }
  for (const [name, request] of Object.entries(requests)) {
    const isHugePages = name.startsWith('hugepages-')
    if (isHugePages) usage[name] = request
    if (isHugePages || isExtendedResource(name)) usage[`requests.${name}`] = request
  }
  return usage
}

function missingText(required: string[], containers: Container[]): string | undefined {
  const missing = new Map<string, Set<string>>()
  for (const { name: container, resources } of containers) {
    const given = computeUsage(resources?.requests ?? {}, resources?.limits ?? {})
    for (const name of required) {
      if (given[name] !== undefined) continue
      missing.set(name, (missing.get(name) ?? new Set<string>()).add(container))
    }
  }
  if (missing.size === 0) return undefined
  const texts = [...missing.keys()]
    .sort()
    .map((name) => `${name} for: ${[...missing.get(name)!].sort().join(',')}`)
  return `must specify ${texts.join('; ')}`
}

/** How pods count against quotas (upstream: pkg/quota/v1/evaluator/core/pods.go). */
export const podEvaluator: QuotaEvaluator<Pod> = {
  matching: (names) => names.filter((name) => bounded.has(name) || isOtherRequest(name)),
  usage(pod, now) {
    const count = { 'count/pods': '1' }
    if (!isCountedPod(pod, now)) return count
    return addAmounts(count, computeUsage(podResources(pod, 'requests'), podResources(pod, 'limits')))
  },
  matchesScope: podMatchesScope,
  problem({ spec }, names) {
    const required = names.filter((name) => mandatory.has(name))
    return missingText(required, [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
  },
}
