import { findCondition } from '../../api/conditions.ts'
import type { NodeCondition } from '../../api/generated/core-v1.ts'

interface Finding {
  type: string
  status: 'True' | 'False'
  reason: string
  message: string
}

/**
 * The conditions of a node, upstream's reasons and messages (pkg/kubelet/nodestatus/setters.go). `problem` is why the
 * engine cannot be used, in words that say what to do; undefined when all is well.
 */
export function nodeConditions(
  problem: string | undefined,
  previous: readonly NodeCondition[],
  now: string,
): NodeCondition[] {
  const findings: Finding[] = [
    {
      type: 'MemoryPressure',
      status: 'False',
      reason: 'KubeletHasSufficientMemory',
      message: 'kubelet has sufficient memory available',
    },
    {
      type: 'DiskPressure',
      status: 'False',
      reason: 'KubeletHasNoDiskPressure',
      message: 'kubelet has no disk pressure',
    },
    {
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
