import type { ContainerInspectInfo } from 'dockerode'
import type { SandboxStatus } from '../runtime/specs.ts'
import { label, podFromLabels } from './labels.ts'

interface Endpoint {
  IPAddress?: string
  IPAMConfig?: { IPv4Address?: string } | null
}

/** What the engine does not know of a sandbox. */
export interface Doubts {
  isCutOff?: boolean
  isUnfinished?: boolean
}

/** What a container of the engine says of the sandbox that it is, on the pod network `network`. */
export function toStatus(info: ContainerInspectInfo, network: string, doubts: Doubts): SandboxStatus {
  const group = info.HostConfig.CgroupParent
  const endpoint = info.NetworkSettings.Networks[network] as Endpoint | undefined
  // A stopped sandbox has no address but keeps the one it was given.
  const ip = endpoint?.IPAMConfig?.IPv4Address || endpoint?.IPAddress
  const { Running: isRunning, Status: status } = info.State
  const unfinished = status === 'created' || (isRunning && doubts.isUnfinished)
  return {
    id: info.Id,
    pod: podFromLabels(info.Config.Labels),
    attempt: Number(info.Config.Labels[label.attempt] ?? 0),
    state: isRunning && !doubts.isCutOff && !unfinished ? 'ready' : 'notReady',
    ...(unfinished ? { unfinished } : {}),
    ...(ip ? { ip } : {}),
    pid: isRunning ? info.State.Pid : 0,
    ...(group ? { ownGroup: true } : {}),
    createdAt: info.Created,
    ...(info.State.StartedAt.startsWith('0001') ? {} : { startedAt: info.State.StartedAt }),
  }
}
