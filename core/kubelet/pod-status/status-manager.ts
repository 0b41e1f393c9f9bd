import type { Pod, PodCondition, PodStatus } from '../../api/generated/core-v1.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { resizeConditions } from '../resize/resize-state.ts'
import type { KubeletApi } from '../kubelet-api.ts'

/** Brings pod statuses to the API server: only what changed, one request at a time per pod, the newest wins. */
export interface StatusManager {
  /** The status last reported by this process, else the one the API server has. */
  current(pod: Pod): PodStatus
  /** Takes a new status; sending goes on in the background. Nothing is sent when nothing changed. */
  report(pod: Pod, status: PodStatus): void
  /** Sends everything again that was reported of the pod: what was sent is lost. */
  resend(uid: string): void
  /** Resolves when everything reported for the pod was sent (or the pod is gone). */
  flush(uid: string): Promise<void>
  forget(uid: string): void
}

interface Entry {
  pod: Pod
  /** What the API server has, as far as this process knows. */
  sent: PodStatus
  wanted: PodStatus
  sending: Promise<void> | undefined
  forgotten: boolean
}

const retryMs = 1_000

/** Top-level fields that differ; `null` removes one. Conditions merge by type on the server, so only changed ones go. */
function difference(from: PodStatus, to: PodStatus): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {}
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]) as Set<keyof PodStatus>
  for (const key of keys) {
    if (key === 'conditions') continue
    if (deepEqual(from[key], to[key])) continue
    patch[key] =
      key === 'podIPs' || key === 'hostIPs' ? addressPatch(from[key] ?? [], to[key] ?? []) : (to[key] ?? null)
  }
  const conditions = changedConditions(from.conditions ?? [], to.conditions ?? [])
  if (conditions.length > 0) patch['conditions'] = conditions
  return Object.keys(patch).length > 0 ? patch : undefined
}

/** Addresses merge by `ip` on the server: those that are gone have to be named. */
function addressPatch(from: Array<{ ip: string }>, to: Array<{ ip: string }>): Array<Record<string, string>> {
  const gone = from.filter((old) => !to.some(({ ip }) => ip === old.ip))
  return [...gone.map(({ ip }) => ({ $patch: 'delete', ip })), ...to]
}

function changedConditions(from: PodCondition[], to: PodCondition[]): Array<Record<string, unknown>> {
  // Only conditions of a resize ever go again.
  const gone = from.filter(({ type }) => isResize(type) && !to.some((condition) => condition.type === type))
  const changed = to.flatMap((condition) => {
    const old = from.find(({ type }) => type === condition.type)
    if (deepEqual(old, condition)) return []
    const cleared: Record<string, null> = {}
    for (const key of ['reason', 'message'] as const) {
      if (old?.[key] !== undefined && condition[key] === undefined) cleared[key] = null
    }
    return [{ ...condition, ...cleared }]
  })
  return [...gone.map(({ type }) => ({ $patch: 'delete', type })), ...changed]
}

function isResize(type: string): boolean {
  return resizeConditions.some((condition) => condition === type)
}

/** Fields of the status that others own; the kubelet neither sends nor clears them. */
const foreign = [
  'nominatedNodeName',
  'resourceClaimStatuses',
  'extendedResourceClaimStatus',
  'resize',
] as const

function withForeign(status: PodStatus, pod: Pod): PodStatus {
  const merged = { ...status }
  for (const key of foreign) {
    const value = pod.status?.[key]
    if (value !== undefined) Object.assign(merged, { [key]: value })
  }
  const own = new Set(status.conditions?.map(({ type }) => type))
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !own.has(type) && !isResize(type))
  return { ...merged, conditions: [...(status.conditions ?? []), ...others] }
}

/** A status manager over the API. */
export function createStatusManager(options: {
  api: Pick<KubeletApi, 'patchPodStatus'>
  clock: Clock
  log: Logger
}): StatusManager {
  const { api, clock, log } = options
  const entries = new Map<string, Entry>()

  async function send(entry: Entry): Promise<void> {
    while (!entry.forgotten) {
      const patch = difference(entry.sent, entry.wanted)
      if (!patch) return
      const target = entry.wanted
      try {
        if (!(await api.patchPodStatus(entry.pod, patch))) entry.forgotten = true
        entry.sent = target
      } catch (error) {
        log.warn('pod status could not be written', { pod: entry.pod.metadata.name, error })
        await new Promise<void>((resolve) => clock.after(retryMs, resolve))
      }
    }
  }

  return {
    current: (pod) => entries.get(pod.metadata.uid ?? '')?.wanted ?? pod.status ?? {},
    report(pod, status) {
      const uid = pod.metadata.uid ?? ''
      const wanted = withForeign(status, pod)
      let entry = entries.get(uid)
      if (!entry) {
        entry = { pod, sent: pod.status ?? {}, wanted, sending: undefined, forgotten: false }
        entries.set(uid, entry)
      }
      entry.pod = pod
      entry.wanted = wanted
      const own = entry
      own.sending ??= send(own).finally(() => (own.sending = undefined))
    },
    resend(uid) {
      const entry = entries.get(uid)
      if (!entry) return
      entry.sent = {}
      entry.sending ??= send(entry).finally(() => (entry.sending = undefined))
    },
    async flush(uid) {
      await entries.get(uid)?.sending
    },
    forget(uid) {
      const entry = entries.get(uid)
      if (entry) entry.forgotten = true
      entries.delete(uid)
    },
  }
}
