import type { ContainerStatus, Event, Pod } from '../../core/api/generated/core-v1.ts'
import { findCondition } from '../../core/api/conditions.ts'
import type { Finding } from './kind-view.ts'

/** The newest warning of one of these reasons; events come newest first. */
function latest(events: Event[], reasons: string[]): Event | undefined {
  return events.find((event) => event.type === 'Warning' && reasons.includes(event.reason ?? ''))
}

function withDetail(finding: Finding, detail: string | undefined): Finding {
  return detail ? { ...finding, detail } : finding
}

function ofWaiting(status: ContainerStatus, events: Event[]): Finding | undefined {
  const waiting = status.state?.waiting
  const params = { container: status.name, image: status.image, reason: waiting?.reason ?? '' }
  switch (waiting?.reason) {
    case 'CrashLoopBackOff': {
      const last = status.lastState?.terminated
      const crash: Finding = {
        tone: 'bad',
        text: last?.reason === 'OOMKilled' ? 'finding.crashLoopOom' : 'finding.crashLoop',
        params: { ...params, n: status.restartCount, code: last?.exitCode ?? '?' },
        container: status.name,
        previousLog: true,
      }
      return withDetail(crash, last?.message)
    }
    case 'ErrImageNeverPull':
      return { tone: 'bad', text: 'finding.imageNever', params }
    case 'InvalidImageName':
      return withDetail({ tone: 'bad', text: 'finding.imageName', params }, waiting.message)
    case 'ErrImagePull':
    case 'ImagePullBackOff': {
      const event = latest(events, ['Failed', 'ErrImagePull'])
      const said = event?.message && !/^Error: /.test(event.message) ? event.message : waiting.message
      return withDetail({ tone: 'bad', text: 'finding.imagePull', params }, said)
    }
    case 'CreateContainerConfigError':
      return withDetail({ tone: 'bad', text: 'finding.config', params }, waiting.message)
    case 'CreateContainerError':
    case 'RunContainerError':
      return withDetail(
        { tone: 'bad', text: 'finding.start', params },
        waiting.message ?? latest(events, ['Failed'])?.message,
      )
    case undefined:
      return undefined
    case 'ContainerCreating':
    case 'PodInitializing':
      // Our kubelet says here how far a pull is; others leave it empty.
      if (!waiting.message) return undefined
      return withDetail({ tone: 'progress', text: 'finding.preparing', params }, waiting.message)
    default:
      return withDetail({ tone: 'bad', text: 'finding.waiting', params }, waiting?.message)
  }
}

function ofContainer(status: ContainerStatus, pod: Pod, events: Event[]): Finding | undefined {
  const { terminated, running } = status.state ?? {}
  if (terminated && terminated.exitCode !== 0) {
    return withDetail(
      {
        tone: 'bad',
        text: terminated.reason === 'OOMKilled' ? 'finding.oom' : 'finding.exited',
        params: { container: status.name, code: terminated.exitCode },
        container: status.name,
      },
      terminated.message,
    )
  }
  if (running && !status.ready && !pod.metadata.deletionTimestamp) {
    const event = latest(events, ['Unhealthy'])
    return withDetail(
      {
        tone: event ? 'warn' : 'progress',
        text: event ? 'finding.probe' : 'finding.notReady',
        params: { container: status.name },
        container: status.name,
      },
      event?.message,
    )
  }
  const last = status.lastState?.terminated
  if (running && last?.reason === 'OOMKilled')
    return {
      tone: 'warn',
      text: 'finding.wasOom',
      params: { container: status.name, n: status.restartCount },
    }
  return ofWaiting(status, events)
}

function ofPending(pod: Pod, events: Event[]): Finding[] {
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled')
  if (scheduled?.status === 'False') {
    if (scheduled.reason === 'SchedulingGated') return [{ tone: 'progress', text: 'finding.gated' }]
    const said = scheduled.message || latest(events, ['FailedScheduling'])?.message
    return [withDetail({ tone: 'bad', text: 'finding.unschedulable' }, said)]
  }
  if (!pod.spec.nodeName) return [{ tone: 'progress', text: 'finding.unscheduled' }]
  const sandbox = latest(events, [
    'FailedCreatePodSandBox',
    'FailedMount',
    'FailedAttachVolume',
    'NetworkNotReady',
  ])
  if (sandbox)
    return [
      withDetail(
        { tone: 'bad', text: 'finding.prepare', params: { reason: sandbox.reason ?? '' } },
        sandbox.message,
      ),
    ]
  return [{ tone: 'progress', text: 'finding.starting', params: { node: pod.spec.nodeName } }]
}

/** A resize that waits, cannot be, or is on its way (upstream: KEP-1287, conditions of pods). */
function ofResize({ status }: Pod): Finding[] {
  const pending = findCondition(status?.conditions, 'PodResizePending')
  if (pending?.status === 'True')
    return [
      withDetail(
        pending.reason === 'Infeasible'
          ? { tone: 'bad', text: 'finding.resizeInfeasible' }
          : { tone: 'warn', text: 'finding.resizeDeferred' },
        pending.message,
      ),
    ]
  const going = findCondition(status?.conditions, 'PodResizeInProgress')
  if (going?.status !== 'True') return []
  return [
    withDetail(
      { tone: going.reason === 'Error' ? 'bad' : 'progress', text: 'finding.resizing' },
      going.message,
    ),
  ]
}

/**
 * What is wrong with a pod, joined from its conditions, container states and warning events (newest first). A healthy
 * or finished pod gives none.
 */
export function diagnosePod(pod: Pod, events: Event[]): Finding[] {
  const { status } = pod
  if (status?.phase === 'Succeeded') return []
  const findings: Finding[] = []
  if (pod.metadata.deletionTimestamp) {
    const finalizers = pod.metadata.finalizers ?? []
    const finding: Finding = finalizers.length
      ? { tone: 'warn', text: 'finding.finalizers', params: { finalizers: finalizers.join(', ') } }
      : {
          tone: 'progress',
          text: 'finding.terminating',
          params: { n: pod.metadata.deletionGracePeriodSeconds ?? 30 },
        }
    findings.push(finding)
  }
  if (status?.reason === 'Evicted')
    findings.push(withDetail({ tone: 'bad', text: 'finding.evicted' }, status.message))
  if (status?.reason === 'NodeLost')
    findings.push(withDetail({ tone: 'bad', text: 'finding.nodeLost' }, status.message))
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  for (const container of statuses) {
    const finding = ofContainer(container, pod, events)
    if (finding) findings.push(finding)
  }
  findings.push(...ofResize(pod))
  const isWaiting = findings.every(({ tone }) => tone === 'progress')
  if (status?.phase === 'Pending' && isWaiting && !pod.metadata.deletionTimestamp)
    findings.unshift(...ofPending(pod, events))
  return findings
}
