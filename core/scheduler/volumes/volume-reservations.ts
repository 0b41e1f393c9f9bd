import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { Node } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { volumeAnnotations } from '../../api/volume-annotations.ts'
import { isClaimBound } from '../../api/volume-binding.ts'
import type { Client } from '../../client/client.ts'
import type { InformerFactory } from '../../client/informer-factory.ts'
import { volumeBoundTo } from '../../client/volume-bound-to.ts'
import type { Clock } from '../../util/clock.ts'
import type { PodInfo } from '../pod-info.ts'
import { planVolumes, podVolumes, type VolumePlan } from './pod-volumes.ts'
import type { Assumptions, StorageView } from './storage-view.ts'

/** How long binder and provisioner may take (upstream: bindTimeoutSeconds). */
const bindTimeoutMs = 600_000

/** The volumes that a pod on its way to a node has chosen. */
export interface VolumeReservation {
  /** Writes the choice and resolves when every claim is bound; rejects with the reason when that will not be. */
  bind(): Promise<void>
  /** Gives the choice up, or ends it after the binding; repeated calls do nothing. */
  end(): void
}

/** Chooses volumes together with nodes (upstream: volumebinding Reserve, PreBind and Unreserve). */
export interface VolumeReservations {
  /** Undefined when the pod's claims are bound already; its `bind` rejects when they cannot be served there. */
  reserve(pod: PodInfo, node: Node): VolumeReservation | undefined
  /** Has the bindings of a pod that is gone give up. */
  giveUp(podKey: string): void
  [Symbol.dispose](): void
}

/** Reservations over the choices that plugins see as assumed. */
export function createVolumeReservations(options: {
  client: Client
  informers: InformerFactory
  storage: StorageView
  assumptions: Assumptions
  clock: Clock
}): VolumeReservations {
  const { client, storage, assumptions } = options
  const running = new Map<string, AbortController>()

  async function write({ bind, provision }: VolumePlan, nodeName: string): Promise<void> {
    for (const { claim, volume } of bind) {
      const kept = volumeBoundTo(volume, claim)
      if (kept !== volume) await client.update(resources.persistentVolumes, kept)
    }
    for (const claim of provision) {
      if (claim.metadata.annotations?.[volumeAnnotations.selectedNode] === nodeName) continue
      // A patch, for the binder may be writing to the same claim.
      const { namespace = '', name, uid } = claim.metadata
      const body = { metadata: { uid, annotations: { [volumeAnnotations.selectedNode]: nodeName } } }
      await client.patch(resources.persistentVolumeClaims, { namespace, name }, { type: 'merge', body })
    }
  }

  return {
    reserve(pod, node) {
      if (pod.claims.length === 0) return undefined
      const volumes = podVolumes(pod, storage)
      if ('refusal' in volumes) return refused(volumes.refusal)
      if (volumes.delayed.length === 0) return undefined
      const plan = planVolumes(volumes, node, storage)
      if ('reasons' in plan) return refused(plan.reasons.join(', '))
      const claims = [...plan.bind.map(({ claim }) => claim), ...plan.provision]
      for (const { volume, claim } of plan.bind)
        assumptions.volumes.set(volume.metadata.name, objectKey(claim))
      for (const claim of plan.provision) assumptions.claims.set(objectKey(claim), node.metadata.name)
      const abort = new AbortController()
      running.set(pod.key, abort)
      return {
        async bind() {
          const bound = whenBound(claims, abort.signal, options)
          try {
            await Promise.race([write(plan, node.metadata.name).then(() => bound), bound])
          } finally {
            abort.abort()
          }
        },
        end() {
          abort.abort()
          if (running.get(pod.key) === abort) running.delete(pod.key)
          for (const { volume } of plan.bind) assumptions.volumes.delete(volume.metadata.name)
          for (const claim of plan.provision) assumptions.claims.delete(objectKey(claim))
        },
      }
    },
    giveUp: (podKey) => running.get(podKey)?.abort(),
    [Symbol.dispose]() {
      for (const abort of running.values()) abort.abort()
    },
  }
}

function refused(reason: string): VolumeReservation {
  return { bind: () => Promise.reject(new Error(reason)), end: () => undefined }
}

/** Resolves when all claims are bound. Rejects when one is gone, was taken back by its provisioner, or time is up. */
function whenBound(
  claims: readonly PersistentVolumeClaim[],
  signal: AbortSignal,
  { informers, clock }: { informers: InformerFactory; clock: Clock },
): Promise<void> {
  const informer = informers.informer(resources.persistentVolumeClaims)
  const waiting = new Map(claims.map((claim) => [objectKey(claim), claim]))
  const placed = new Set<string>()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  function onClaim(claim: PersistentVolumeClaim): void {
    const key = objectKey(claim)
    if (!waiting.has(key)) return
    if (isClaimBound(claim)) waiting.delete(key)
    else if (claim.metadata.annotations?.[volumeAnnotations.selectedNode] !== undefined) placed.add(key)
    else if (placed.has(key)) reject(new Error(`provisioning failed for PVC "${claim.metadata.name}"`))
    if (waiting.size === 0) resolve()
  }
  const handler = informer.addHandler({
    added: onClaim,
    updated: onClaim,
    deleted(claim) {
      if (waiting.has(objectKey(claim))) reject(new Error(`pvc "${claim.metadata.name}" is gone`))
    },
  })
  const timer = clock.after(bindTimeoutMs, () => reject(new Error('context deadline exceeded')))
  const stop = (): void => {
    timer[Symbol.dispose]()
    handler[Symbol.dispose]()
    reject(new Error('context canceled'))
  }
  signal.addEventListener('abort', stop, { once: true })
  // Whoever waits hears of it; an end before anybody waits is no failure of the process.
  promise.catch(() => undefined)
  return promise
}
