import { storageClassOf } from '../../api/volume-binding.ts'
import type { FilterPlugin, Rejection } from '../plugin.ts'
import type { StorageView } from '../volumes/storage-view.ts'

const rejection: Rejection = { reasons: ['node(s) exceed max volume count'], isResolvable: true }

/** Volumes of claims as `driver^id`, a claim without a volume counting for the one it will get. */
function volumesOf(claims: readonly string[], storage: StorageView): string[] {
  return claims.flatMap((key) => {
    const claim = storage.claim(key)
    if (!claim) return []
    if (claim.spec.volumeName) {
      const csi = storage.volume(claim.spec.volumeName)?.spec.csi
      return csi ? [`${csi.driver}^${csi.volumeHandle}`] : []
    }
    const provisioner = storage.storageClass(storageClassOf(claim))?.provisioner
    return provisioner === undefined ? [] : [`${provisioner}^${key}`]
  })
}

const driverOf = (volume: string): string => volume.slice(0, volume.indexOf('^'))

/** A node takes no more volumes of a CSI driver than its CSINode allows (upstream: plugins/nodevolumelimits/csi.go). */
export const nodeVolumeLimits: FilterPlugin = {
  name: 'NodeVolumeLimits',
  prepare({ claims }, { storage }) {
    if (claims.length === 0) return undefined
    const wanted = volumesOf(claims, storage)
    if (wanted.length === 0) return undefined
    return {
      check({ name, pods }) {
        const limits = storage
          .csiNode(name)
          ?.spec.drivers.filter(({ allocatable }) => allocatable?.count !== undefined)
        if (!limits?.length) return undefined
        const attached = new Set([...pods.values()].flatMap((other) => volumesOf(other.claims, storage)))
        const all = new Set([...attached, ...wanted])
        const count = (driver: string): number =>
          [...all].filter((volume) => driverOf(volume) === driver).length
        const isOver = limits.some(
          ({ name: driver, allocatable }) =>
            wanted.some((volume) => driverOf(volume) === driver && !attached.has(volume)) &&
            count(driver) > (allocatable?.count ?? Infinity),
        )
        return isOver ? rejection : undefined
      },
    }
  },
  isHelpedBy: (_pod, event) => ['NodeAdd', 'PodDelete', 'StorageUpdate'].includes(event.type),
}
