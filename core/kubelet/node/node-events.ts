import { findCondition } from '../../api/conditions.ts'
import type { Node, NodeStatus } from '../../api/generated/core-v1.ts'
import type { EventText } from '../pods/pod-events.ts'

/** What begins and ends with each condition, the one when it is True and the one when it is not. */
const ofConditions = [
  ['MemoryPressure', 'NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  ['DiskPressure', 'NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  ['PIDPressure', 'NodeHasInsufficientPID', 'NodeHasSufficientPID'],
  ['Ready', 'NodeReady', 'NodeNotReady'],
] as const

/** Tells by events what becomes of a node (upstream: kubelet/nodestatus/setters.go, kubelet_node_status.go). */
export interface NodeEvents {
  starting(): void
  /** Of what has changed between two statuses that were written. */
  written(before: NodeStatus, after: NodeStatus): void
  /** Whether the node takes pods, if that has changed. */
  seen(node: Node | undefined): void
}

/** The events of one run of a kubelet. */
export function createNodeEvents(name: string, tell: (event: EventText) => void): NodeEvents {
  let isFirst = true
  let wasUnschedulable = false

  function tellStatus(reason: string): void {
    tell({ type: 'Normal', reason, message: `Node ${name} status is now: ${reason}` })
  }

  function bootIdChanged(before: NodeStatus, after: NodeStatus): boolean {
    const [old, current] = [before.nodeInfo?.bootID, after.nodeInfo?.bootID]
    return Boolean(old) && Boolean(current) && old !== current
  }

  return {
    starting: () => tell({ type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' }),

    written(before, after) {
      if (bootIdChanged(before, after)) {
        const message = `Node ${name} has been rebooted, boot id: ${after.nodeInfo?.bootID}`
        tell({ type: 'Warning', reason: 'Rebooted', message })
      }
      for (const [type, begun, over] of ofConditions) {
        const status = findCondition(after.conditions, type)?.status
        const old = findCondition(before.conditions, type)?.status
        // A kubelet that starts tells of each pressure anew; a node that has never been ready has not ceased to be.
        const isNew = type === 'Ready' ? old === undefined && status === 'True' : isFirst
        const hasChanged = old === undefined ? isNew : isNew || old !== status
        if (hasChanged && status !== undefined) tellStatus(status === 'True' ? begun : over)
      }
      isFirst = false
    },

    seen(node) {
      if (!node) return
      const { unschedulable = false } = node.spec ?? {}
      if (unschedulable === wasUnschedulable) return
      wasUnschedulable = unschedulable
      tellStatus(unschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable')
    },
  }
}
