import { uniqueVolumeName } from '../../api/csi-volume.ts'
import type { AttachedVolume, Node, PersistentVolume, Pod } from '../../api/generated/core-v1.ts'
import type { VolumeAttachment } from '../../api/generated/storage-v1.ts'
import { claimKeysOf } from '../../api/pod-claims.ts'
import { resources } from '../../api/resources.ts'
import { isAlreadyExists, isNotFound } from '../../api/status.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { indexPodsByNode } from '../node-lifecycle/pods-by-node.ts'
import { attachableVolumes } from './attachable-volumes.ts'
import type { AttachableVolume } from './attachable-volumes.ts'
import { attachmentName, isAttachmentName } from './attachment-name.ts'

const byClaim = 'claim'
const byNode = 'nodeName'
const byVolume = 'persistentVolume'
/** How long a driver's attacher has before its silence is told (upstream: volume/csi csiTimeout). */
const attachTimeoutMs = 120_000
/** How soon a volume that another node has is asked for again. */
const multiAttachRetryMs = 10_000

/**
 * Says which CSI volumes have to be attached to which nodes, by VolumeAttachments that each driver's own attacher carries out,
 * and tells the kubelets by `status.volumesAttached` (upstream: pkg/controller/volume/attachdetach). A volume is given up once
 * no pod of the node needs it and its kubelet no longer has it in use.
 */
export function createAttachDetachController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder('attachdetach-controller')
  const pods = informers.informer(resources.pods)
  const claims = informers.informer(resources.persistentVolumeClaims)
  const volumes = informers.informer(resources.persistentVolumes)
  const drivers = informers.informer(resources.csiDrivers)
  const attachments = informers.informer(resources.volumeAttachments)
  const podsOnNode = indexPodsByNode(pods)
  pods.addIndex(byClaim, claimKeysOf)
  attachments.addIndex(byNode, ({ spec }) => [spec.nodeName])
  attachments.addIndex(byVolume, ({ spec }) => [spec.source?.persistentVolumeName ?? ''])
  /** When what is wrong with an attachment was told last, by its uid. */
  const toldAt = new Map<string, number>()
  const lookup = {
    claim: (key: string) => claims.store.get(key),
    volume: (name: string) => volumes.store.get(name),
    driver: (name: string) => drivers.store.get(name),
  }

  function tell(wanted: Pod[], type: 'Normal' | 'Warning', message: string): void {
    const reason = type === 'Normal' ? 'SuccessfulAttachVolume' : 'FailedAttachVolume'
    for (const pod of wanted) recorder.record(referenceTo(resources.pods, pod), { type, reason, message })
  }

  /** Which pods of other nodes have a volume that only one node may have; undefined when it is free. */
  function holders({ volume }: AttachableVolume, nodeName: string): Pod[] | undefined {
    if (!isExclusive(volume)) return undefined
    const others = attachments.store
      .byIndex(byVolume, volume.metadata.name)
      .filter(({ spec }) => spec.nodeName !== nodeName)
    if (others.length === 0) return undefined
    const { namespace = '', name = '' } = volume.spec.claimRef ?? {}
    return pods.store
      .byIndex(byClaim, `${namespace}/${name}`)
      .filter(({ spec }) => spec.nodeName && spec.nodeName !== nodeName)
  }

  async function attach(wanted: AttachableVolume, nodeName: string): Promise<number | undefined> {
    const { volume, csi } = wanted
    const held = holders(wanted, nodeName)
    if (held) {
      const by = held.map(({ metadata }) => metadata.name).join(', ')
      const why =
        held.length > 0
          ? `Volume is already used by pod(s) ${by}`
          : "Volume is already exclusively attached to one node and can't be attached to another"
      tell(wanted.pods, 'Warning', `Multi-Attach error for volume "${volume.metadata.name}" ${why}`)
      return multiAttachRetryMs
    }
    try {
      await client.create(resources.volumeAttachments, {
        metadata: { name: attachmentName(csi, nodeName) },
        spec: { attacher: csi.driver, nodeName, source: { persistentVolumeName: volume.metadata.name } },
      })
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
    return attachTimeoutMs
  }

  /** Tells why the volume is not there yet, not more often than upstream's retries would; when to look again. */
  function follow(wanted: AttachableVolume, attachment: VolumeAttachment): number | undefined {
    const { volume, csi } = wanted
    const { uid = '', creationTimestamp = '' } = attachment.metadata
    const now = clock.now()
    const since = toldAt.get(uid) ?? Date.parse(creationTimestamp)
    const said = attachment.status?.attachError?.message
    const remainingMs = since + attachTimeoutMs - now
    if (remainingMs > 0 && (said === undefined || toldAt.has(uid))) return remainingMs
    const why =
      said ??
      `timed out waiting for external-attacher of ${csi.driver} CSI driver to attach volume ${csi.volumeHandle}`
    toldAt.set(uid, now)
    tell(wanted.pods, 'Warning', `AttachVolume.Attach failed for volume "${volume.metadata.name}" : ${why}`)
    return attachTimeoutMs
  }

  function isInUse(node: Node | undefined, { spec }: VolumeAttachment): boolean {
    const csi = volumes.store.get(spec.source?.persistentVolumeName ?? '')?.spec.csi
    return csi !== undefined && (node?.status?.volumesInUse ?? []).includes(uniqueVolumeName(csi))
  }

  async function detach({ metadata: { name, uid } }: VolumeAttachment): Promise<void> {
    toldAt.delete(uid ?? '')
    try {
      await client.delete(resources.volumeAttachments, { name }, { preconditions: { uid: uid ?? '' } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function report(node: Node, attached: Map<string, AttachedVolume>): Promise<void> {
    const before = (node.status?.volumesAttached ?? []).map(({ name }) => name)
    const names = [...attached.keys()].toSorted()
    if (names.join() === before.toSorted().join()) return
    const volumesAttached = names.length > 0 ? names.map((name) => attached.get(name)) : null
    await client.patch(
      resources.nodes,
      { name: node.metadata.name },
      { type: 'merge', body: { status: { volumesAttached } }, subresource: 'status' },
    )
  }

  const nodesOfClaim = (key: string): string[] =>
    pods.store.byIndex(byClaim, key).flatMap(({ spec }) => spec.nodeName ?? [])

  return defineController(dependencies, {
    name: 'attachdetach',
    for: resources.nodes,
    watches: [
      watchOf(resources.pods, ({ object }) =>
        object.spec.nodeName && claimKeysOf(object).length > 0 ? [object.spec.nodeName] : [],
      ),
      watchOf(resources.persistentVolumeClaims, ({ object: { metadata } }) =>
        nodesOfClaim(`${metadata.namespace ?? ''}/${metadata.name}`),
      ),
      watchOf(resources.persistentVolumes, ({ object: { spec } }) =>
        spec.csi && spec.claimRef
          ? nodesOfClaim(`${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`)
          : [],
      ),
      watchOf(resources.csiDrivers, () => []),
      watchOf(resources.volumeAttachments, ({ object: { spec } }) => [spec.nodeName]),
    ],
    async reconcile({ name: nodeName, object: node }) {
      const wanted = attachableVolumes(podsOnNode(nodeName), lookup)
      const existing = attachments.store
        .byIndex(byNode, nodeName)
        .filter(({ metadata }) => isAttachmentName(metadata.name))
      if (wanted.size === 0 && existing.length === 0 && !node?.status?.volumesAttached?.length) return
      const byName = new Map(existing.map((attachment) => [attachment.metadata.name, attachment]))
      const before = new Set((node?.status?.volumesAttached ?? []).map(({ name }) => name))
      const attached = new Map<string, AttachedVolume>()
      const fresh: AttachableVolume[] = []
      const delays: Array<number | undefined> = []
      for (const [unique, one] of wanted) {
        const name = attachmentName(one.csi, nodeName)
        const attachment = byName.get(name)
        byName.delete(name)
        if (!attachment) {
          if (node) delays.push(await attach(one, nodeName))
        } else if (!attachment.status?.attached) delays.push(follow(one, attachment))
        else {
          const { devicePath = '' } = attachment.status.attachmentMetadata ?? {}
          attached.set(unique, { name: unique, devicePath })
          if (!before.has(unique)) fresh.push(one)
        }
      }
      const unwanted = [...byName.values()].filter(({ metadata }) => !metadata.deletionTimestamp)
      const kept = unwanted.filter((attachment) => isInUse(node, attachment))
      for (const { status, spec } of kept) {
        const csi = volumes.store.get(spec.source?.persistentVolumeName ?? '')?.spec.csi
        if (csi && status?.attached) {
          const name = uniqueVolumeName(csi)
          attached.set(name, { name, devicePath: '' })
        }
      }
      // The kubelet has to see that a volume goes before it goes.
      if (node) await report(node, attached)
      for (const { pods: users, volume } of fresh) {
        tell(users, 'Normal', `AttachVolume.Attach succeeded for volume "${volume.metadata.name}" `)
      }
      await Promise.all(unwanted.filter((attachment) => !kept.includes(attachment)).map(detach))
      const shortest = Math.min(...delays.filter((delay) => delay !== undefined))
      return Number.isFinite(shortest) ? { requeueAfterMs: shortest } : {}
    },
  })
}

function isExclusive({ spec: { accessModes = [] } }: PersistentVolume): boolean {
  return !accessModes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')
}
