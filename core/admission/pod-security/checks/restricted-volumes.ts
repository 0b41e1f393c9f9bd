import { plural, quoted, quotedSet, type Check, type PodCheck } from '../check.ts'
import { hostPathVolumes } from './host-access.ts'

const allowedTypes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const

const otherTypes = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const

const checkRestrictedVolumes: PodCheck = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter((volume) => !allowedTypes.some((type) => volume[type]))
  if (bad.length === 0) return undefined
  const types = new Set(bad.map((volume) => otherTypes.find((type) => volume[type]) ?? 'unknown'))
  const verb = plural(bad.length, 'uses', 'use')
  const what = `${plural(types.size, 'restricted volume type')} ${quotedSet(types)}`
  return {
    reason: 'restricted volume types',
    detail: `${plural(bad.length, 'volume')} ${quoted(bad.map(({ name }) => name))} ${verb} ${what}`,
  }
}

/** Only volumes that hold no more than the pod's own data (upstream: check_restrictedVolumes.go). */
export const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  level: 'restricted',
  versions: [{ since: 0, check: checkRestrictedVolumes, overrides: hostPathVolumes.id }],
}
