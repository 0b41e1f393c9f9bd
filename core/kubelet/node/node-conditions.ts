import { findCondition } from '../../api/conditions.ts'
import type { NodeCondition } from '../../api/generated/core-v1.ts'
import type { Pressure } from '../eviction/thresholds.ts'

interface Finding {
  type: string
  status: 'True' | 'False'
  reason: string
  message: string
}

/**
 * The conditions of a node, upstream's reasons and messages (pkg/kubelet/nodestatus/setters.go). `problem` is why the
 * engine cannot be used, in words that say what to do; undefined when all is well. `pressures` is what the node is short of.
 */
export function nodeConditions(
  state: { problem: string | undefined; pressures: ReadonlySet<Pressure> },
  previous: readonly NodeCondition[],
  now: string,
): NodeCondition[] {
  const { problem, pressures } = state
  const findings: Finding[] = [
    pressures.has('MemoryPressure')
      ? {
          type: 'MemoryPressure',
          status: 'True',
          reason: 'KubeletHasInsufficientMemory',
          message: 'kubelet has insufficient memory available',
        }
      : {
          type: 'MemoryPressure',
          status: 'False',
          reason: 'KubeletHasSufficientMemory',
          message: 'kubelet has sufficient memory available',
        },
    pressures.has('DiskPressure')
      ? {
          type: 'DiskPressure',
          status: 'True',
          reason: 'KubeletHasDiskPressure',
          message: 'kubelet has disk pressure',
        }
      : {
          type: 'DiskPressure',
          status: 'False',
          reason: 'KubeletHasNoDiskPressure',
          message: 'kubelet has no disk pressure',
        },
    pressures.has('PIDPressure')
      ? {
          type: 'PIDPressure',
          status: 'True',
          reason: 'KubeletHasInsufficientPID',
          message: 'kubelet has insufficient PID available',
        }
      : {
          type: 'PIDPressure',
          status: 'False',
          reason: 'KubeletHasSufficientPID',
          message: 'kubelet has sufficient PID available',
        },
    problem === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : {
          type: 'Ready',
          status: 'False',
          reason: 'KubeletNotReady',
          message: `container runtime is down: ${problem}`,
        },
  ]
  return findings.map((finding) => {
    const old = findCondition([...previous], finding.type)
    const kept = old?.status === finding.status ? old.lastTransitionTime : undefined
    return { ...finding, lastHeartbeatTime: now, lastTransitionTime: kept ?? now }
  })
}
