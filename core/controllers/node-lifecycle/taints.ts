import { findCondition } from '../../api/conditions.ts'
import type { Node, Taint } from '../../api/generated/core-v1.ts'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'
const unschedulable = 'node.kubernetes.io/unschedulable'

/** Conditions that keep new pods away, with the status that does so (upstream: nodeConditionToTaintKeyStatusMap). */
const conditionTaints: { condition: string; status: string; key: string }[] = [
  { condition: 'Ready', status: 'False', key: notReady },
  { condition: 'Ready', status: 'Unknown', key: unreachable },
  { condition: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { condition: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { condition: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
  { condition: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
]
const managedKeys = new Set([...conditionTaints.map(({ key }) => key), unschedulable])

function isSame(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect
}

/** The taints the node's conditions ask for. */
function wantedTaints(node: Node, now: string): Taint[] {
  const taints: Taint[] = []
  for (const { condition, status, key } of conditionTaints) {
    if (findCondition(node.status?.conditions, condition)?.status !== status) continue
    taints.push({ key, effect: 'NoSchedule', timeAdded: now })
    if (condition === 'Ready') taints.push({ key, effect: 'NoExecute', timeAdded: now })
  }
  if (node.spec?.unschedulable) taints.push({ key: unschedulable, effect: 'NoSchedule', timeAdded: now })
  return taints
}

/**
 * The node's taints with those of its conditions brought up to date; foreign ones stay, and those that stay keep their
 * time. The same list when nothing changes. A Ready condition that was never given leaves its taints alone.
 */
export function taintsOf(node: Node, now: string): Taint[] {
  const current = node.spec?.taints ?? []
  const wanted = wantedTaints(node, now)
  const isReadyKnown = findCondition(node.status?.conditions, 'Ready') !== undefined
  const kept = current.filter((taint) => {
    if (!managedKeys.has(taint.key)) return true
    if (!isReadyKnown && (taint.key === notReady || taint.key === unreachable)) return true
    if (taint.effect !== 'NoSchedule' && taint.key !== notReady && taint.key !== unreachable) return true
    return wanted.some((other) => isSame(other, taint))
  })
  const added = wanted.filter((taint) => !current.some((other) => isSame(other, taint)))
  return added.length === 0 && kept.length === current.length ? current : [...kept, ...added]
}
