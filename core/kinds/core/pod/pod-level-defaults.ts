import type { PodSpec } from '../../../api/generated/core-v1.ts'
import { isHugePages, isOvercommitAllowed } from '../resource-names.ts'
import { aggregateLimits, aggregateRequests } from './aggregate-resources.ts'
import { isPodLevelResource } from './pod-resources-validation.ts'

/**
 * What a pod asks for and may use as a whole where it says so in part only (upstream: pkg/apis/core/v1/defaults.go
 * SetDefaults_Pod, for pod-level resources). The containers have got their defaults by then.
 */
export function defaultPodResources(spec: PodSpec): void {
  if (!spec.resources) return
  defaultPages(spec)
  defaultRequests(spec)
  defaultLimits(spec)
}

/** Pages of memory that containers are limited to count for the pod. */
function defaultPages(spec: PodSpec): void {
  const { limits = {}, requests = {} } = spec.resources!
  if (isEmpty(limits) && isEmpty(requests)) return
  const added = Object.entries(aggregateLimits(spec)).filter(
    ([name]) => isHugePages(name) && requests[name] === undefined && limits[name] === undefined,
  )
  if (added.length > 0) spec.resources!.limits = { ...limits, ...Object.fromEntries(added) }
}

/** A pod that is limited asks for what its containers ask for, or else for all that it may use. */
function defaultRequests(spec: PodSpec): void {
  const { limits = {}, requests = {} } = spec.resources!
  if (isEmpty(limits)) return
  const ofContainers = Object.entries(aggregateRequests(spec)).filter(
    ([name]) => isPodLevelResource(name) && isOvercommitAllowed(name),
  )
  const ofPod = Object.entries(limits).filter(([name]) => isPodLevelResource(name))
  const all = { ...Object.fromEntries(ofPod), ...Object.fromEntries(ofContainers), ...requests }
  if (!isEmpty(all)) spec.resources!.requests = all
}

/** A pod that asks for something is limited to what its containers are, if every one of them is. */
function defaultLimits(spec: PodSpec): void {
  const { limits = {}, requests = {} } = spec.resources!
  const isSet = (list: Record<string, string>): boolean => Object.keys(list).some(isPodLevelResource)
  if (isSet(limits) || !isSet(requests)) return
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const isLimited = (name: string): boolean =>
    containers.every(({ resources }) => resources?.limits?.[name] !== undefined)
  const added = Object.entries(aggregateLimits(spec)).filter(
    ([name]) => isPodLevelResource(name) && isOvercommitAllowed(name) && isLimited(name),
  )
  if (added.length > 0) spec.resources!.limits = { ...limits, ...Object.fromEntries(added) }
}

function isEmpty(list: Record<string, string>): boolean {
  return Object.keys(list).length === 0
}
