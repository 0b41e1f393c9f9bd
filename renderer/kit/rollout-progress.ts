import type { DaemonSet, Deployment, StatefulSet } from '../../core/api/generated/apps-v1.ts'
import type { Event } from '../../core/api/generated/core-v1.ts'
import type { Finding } from './kind-view.ts'

/** How far the pods of a workload are, in the same words for every kind that is rolled out. */
export interface RolloutProgress {
  wanted: number
  /** How many are to get the newest template; fewer than wanted where a partition holds some back. */
  toUpdate: number
  updated: number
  ready: number
  available: number
  /** How the pods are replaced, in the API's words. */
  strategy: string
  /** Nobody replaces a pod that is not deleted by hand. */
  isByHand: boolean
}

type Strategy = {
  type?: string
  rollingUpdate?: { maxSurge?: unknown; maxUnavailable?: unknown; partition?: number }
}

function strategyText({ type = 'RollingUpdate', rollingUpdate }: Strategy, defaults: object): string {
  if (type !== 'RollingUpdate') return type
  const settings = Object.entries({ ...defaults, ...rollingUpdate })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${String(value)}`)
  return [type, ...settings].join(' · ')
}

function deploymentProgress({ spec, status }: Deployment): RolloutProgress {
  const wanted = spec.replicas ?? 1
  return {
    wanted,
    toUpdate: wanted,
    updated: status?.updatedReplicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    strategy: strategyText(spec.strategy ?? {}, { maxSurge: '25%', maxUnavailable: '25%' }),
    isByHand: false,
  }
}

function statefulSetProgress({ spec, status }: StatefulSet): RolloutProgress {
  const wanted = spec.replicas ?? 1
  const strategy: Strategy = spec.updateStrategy ?? {}
  return {
    wanted,
    toUpdate: Math.max(0, wanted - (strategy.rollingUpdate?.partition ?? 0)),
    updated: status?.updatedReplicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    strategy: `${strategyText(strategy, { partition: 0 })} · ${spec.podManagementPolicy ?? 'OrderedReady'}`,
    isByHand: strategy.type === 'OnDelete',
  }
}

function daemonSetProgress({ spec, status }: DaemonSet): RolloutProgress {
  const wanted = status?.desiredNumberScheduled ?? 0
  const strategy: Strategy = spec.updateStrategy ?? {}
  return {
    wanted,
    toUpdate: wanted,
    updated: status?.updatedNumberScheduled ?? 0,
    ready: status?.numberReady ?? 0,
    available: status?.numberAvailable ?? 0,
    strategy: strategyText(strategy, { maxSurge: 0, maxUnavailable: 1 }),
    isByHand: strategy.type === 'OnDelete',
  }
}

/** How far a workload's rollout is. */
export function progressOf(object: Deployment | StatefulSet | DaemonSet): RolloutProgress {
  if (object.kind === 'DaemonSet') return daemonSetProgress(object as DaemonSet)
  if (object.kind === 'StatefulSet') return statefulSetProgress(object as StatefulSet)
  return deploymentProgress(object as Deployment)
}

/** What keeps a StatefulSet or DaemonSet from being done; a Deployment says more (diagnose-workload.ts). */
export function diagnoseRollout(object: StatefulSet | DaemonSet, events: Event[]): Finding[] {
  const { wanted, toUpdate, updated, available, isByHand } = progressOf(object)
  if ((object.status?.observedGeneration ?? 0) < (object.metadata.generation ?? 0))
    return [{ tone: 'progress', text: 'finding.unobserved' }]
  const findings: Finding[] = []
  if (updated < toUpdate)
    findings.push({
      tone: isByHand ? 'warn' : 'progress',
      text: isByHand ? 'finding.onDelete' : 'finding.rolling',
      params: { updated, wanted: toUpdate },
    })
  if (available < wanted) {
    const warning = events.find(({ type }) => type === 'Warning')
    findings.push({
      tone: available === 0 ? 'bad' : 'warn',
      text: 'finding.unavailable',
      params: { available, wanted },
      ...(warning?.message && { detail: warning.message }),
    })
  }
  return findings
}
