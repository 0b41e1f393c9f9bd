import type { Deployment, ReplicaSet } from '../../core/api/generated/apps-v1.ts'
import type { Event } from '../../core/api/generated/core-v1.ts'
import { findCondition } from '../../core/api/conditions.ts'
import type { Finding } from './kind-view.ts'

function said(finding: Finding, detail: string | undefined): Finding {
  return detail ? { ...finding, detail } : finding
}

/** What keeps a Deployment from being done, in words. */
export function diagnoseDeployment(deployment: Deployment, events: Event[]): Finding[] {
  const { spec, status } = deployment
  const findings: Finding[] = []
  const wanted = spec.replicas ?? 1
  const available = status?.availableReplicas ?? 0
  const updated = status?.updatedReplicas ?? 0
  const failure = findCondition(status?.conditions, 'ReplicaFailure')
  const progressing = findCondition(status?.conditions, 'Progressing')
  if (failure?.status === 'True')
    findings.push(said({ tone: 'bad', text: 'finding.replicaFailure' }, failure.message))
  if (spec.paused) findings.push({ tone: 'warn', text: 'finding.paused' })
  if ((status?.observedGeneration ?? 0) < (deployment.metadata.generation ?? 0)) {
    findings.push({ tone: 'progress', text: 'finding.unobserved' })
  } else if (progressing?.reason === 'ProgressDeadlineExceeded') {
    findings.push(
      said(
        { tone: 'bad', text: 'finding.deadline', params: { n: spec.progressDeadlineSeconds ?? 600 } },
        progressing.message,
      ),
    )
  } else if (updated < wanted) {
    findings.push({ tone: 'progress', text: 'finding.rolling', params: { updated, wanted } })
  } else if (available < wanted) {
    findings.push({
      tone: available === 0 ? 'bad' : 'warn',
      text: 'finding.unavailable',
      params: { available, wanted },
    })
  } else if ((status?.replicas ?? 0) > updated) {
    findings.push({
      tone: 'progress',
      text: 'finding.oldReplicas',
      params: { n: (status?.replicas ?? 0) - updated },
    })
  }
  const warning = events.find((event) => event.type === 'Warning')
  if (findings.some(({ tone }) => tone === 'bad') && warning && warning.message !== failure?.message)
    findings.push(
      said(
        { tone: 'warn', text: 'finding.event', params: { reason: warning.reason ?? '' } },
        warning.message,
      ),
    )
  return findings
}

/** What keeps a ReplicaSet (or a like kind) from its replicas. */
export function diagnoseReplicas(object: ReplicaSet, events: Event[]): Finding[] {
  const wanted = object.spec.replicas ?? 1
  const ready = object.status?.readyReplicas ?? 0
  const failure = findCondition(object.status?.conditions, 'ReplicaFailure')
  if (failure?.status === 'True')
    return [said({ tone: 'bad', text: 'finding.replicaFailure' }, failure.message)]
  if (ready >= wanted) return []
  const warning = events.find((event) => event.type === 'Warning')
  return [
    said(
      {
        tone: ready === 0 ? 'bad' : 'warn',
        text: 'finding.unavailable',
        params: { available: ready, wanted },
      },
      warning?.message,
    ),
  ]
}
