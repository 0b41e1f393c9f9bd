import { canBeDevices } from '../../api/extended-resources.ts'
import { neededOn, resourcesOfDevices } from '../devices/extended-requests.ts'
import type { NodeInfo } from '../node-info.ts'
import { maxScore, type FilterPlugin, type Rejection, type ScorePlugin } from '../plugin.ts'
import type { Amounts } from '../../api/pod-requests.ts'

const name = 'NodeResourcesFit'

interface Shortage {
  reason: string
  /** More than an empty node has: nothing can be gained by removing pods. */
  isBeyondNode: boolean
}

function shortagesOf(node: NodeInfo, wanted: Amounts): Shortage[] {
  const { allocatable, requested } = node
  const found: Shortage[] = []
  const check = (resource: string, amounts: [wanted: number, used: number, total: number]): void => {
    const [want, used, total] = amounts
    if (want > 0 && want > total - used)
      found.push({ reason: `Insufficient ${resource}`, isBeyondNode: want > total })
  }
  if (node.pods.size + 1 > node.allowedPods) {
    found.push({ reason: 'Too many pods', isBeyondNode: node.allowedPods === 0 })
  }
  check('cpu', [wanted.milliCpu, requested.milliCpu, allocatable.milliCpu])
  check('memory', [wanted.memory, requested.memory, allocatable.memory])
  check('ephemeral-storage', [
    wanted.ephemeralStorage,
    requested.ephemeralStorage,
    allocatable.ephemeralStorage,
  ])
  for (const [resource, value] of Object.entries(wanted.other)) {
    check(resource, [value, requested.other[resource] ?? 0, allocatable.other[resource] ?? 0])
  }
  return found
}

/** Whether there are no shortages; asked of most nodes, so it makes nothing. */
function fits({ pods, allowedPods, allocatable, requested }: NodeInfo, wanted: Amounts): boolean {
  const { milliCpu, memory, ephemeralStorage, other } = wanted
  if (pods.size >= allowedPods) return false
  if (milliCpu > 0 && milliCpu > allocatable.milliCpu - requested.milliCpu) return false
  if (memory > 0 && memory > allocatable.memory - requested.memory) return false
  const storageLeft = allocatable.ephemeralStorage - requested.ephemeralStorage
  if (ephemeralStorage > 0 && ephemeralStorage > storageLeft) return false
  for (const name in other) {
    const value = other[name] ?? 0
    if (value > 0 && value > (allocatable.other[name] ?? 0) - (requested.other[name] ?? 0)) return false
  }
  return true
}

/** What the node itself has to have room for: not what it has none of and gives by its devices (upstream: DRAExtendedResource). */
function withoutDevices(requests: Amounts, { allocatable }: NodeInfo, ofDevices: readonly string[]): Amounts {
  const elsewhere = neededOn(allocatable, ofDevices)
  if (elsewhere.length === 0) return requests
  const other = Object.entries(requests.other).filter(([resource]) => !elsewhere.includes(resource))
  return { ...requests, other: Object.fromEntries(other) }
}

/** The node must have room for the pod's requests and for one more pod (upstream: plugins/noderesources/fit.go). */
export const nodeResourcesFitFilter: FilterPlugin = {
  name,
  prepare(pod, { devices }) {
    const ofDevices = resourcesOfDevices(pod, devices.classOfResource)
    return {
      check(node): Rejection | undefined {
        const wanted = ofDevices.length === 0 ? pod.requests : withoutDevices(pod.requests, node, ofDevices)
        if (fits(node, wanted)) return undefined
        const shortages = shortagesOf(node, wanted)
        return {
          reasons: shortages.map(({ reason }) => reason),
          isResolvable: !shortages.some(({ isBeyondNode }) => isBeyondNode),
        }
      },
    }
  },
  looksAtDeviceClasses: ({ requests }) => Object.keys(requests.other).some(canBeDevices),
}

function leftPercent(used: number, total: number): number {
  return total === 0 || used > total ? 0 : Math.floor(((total - used) * maxScore) / total)
}

/** LeastAllocated: the more CPU and memory would be left, the better (upstream: least_allocated.go). */
export const nodeResourcesFitScore: ScorePlugin = {
  name,
  weight: 1,
  prepare:
    ({ scoringRequests }) =>
    (node) => {
      const cpu = leftPercent(
        node.scoringRequested.milliCpu + scoringRequests.milliCpu,
        node.allocatable.milliCpu,
      )
      const memory = leftPercent(
        node.scoringRequested.memory + scoringRequests.memory,
        node.allocatable.memory,
      )
      return Math.floor((cpu + memory) / 2)
    },
}
