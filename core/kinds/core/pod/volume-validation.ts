import type {
  EphemeralVolumeSource,
  ImageVolumeSource,
  KeyToPath,
  Volume,
} from '../../../api/generated/core-v1.ts'
import type { ObjectMeta } from '../../../api/meta.ts'
import { compareQuantity } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import { validateAnnotations } from '../../../registry/validation/metadata.ts'
import { validateDriverName } from '../../storage/driver-name.ts'
import { duplicate, forbiddenField, invalidFor, invalidValue, required } from '../../../api/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../../validation/formats.ts'
import { validateLabels } from '../../validation/label-selector.ts'
import { validateClaimSpec } from '../volumes/claim-spec.ts'
import {
  requireMembers,
  validateAwsDisk,
  validateAzureDisk,
  validateAzureFile,
  validateCinder,
  validateGceDisk,
} from '../volumes/cloud-sources.ts'
import { validateKeyToPath, validateLocalPath, validateMode } from '../volumes/file-paths.ts'
import { validateIscsi, validateIscsiVolumeName } from '../volumes/iscsi-source.ts'
import { validateHostPath } from '../volumes/local-sources.ts'
import {
  validateFc,
  validateFlex,
  validateFlocker,
  validateGlusterfs,
  validateNfs,
  validateQuobyte,
  validateStorageOs,
} from '../volumes/network-sources.ts'
import { validateCephFs, validateRbd } from '../volumes/persistent-volume-source.ts'
import { validateOneOf } from './container-validation.ts'
import { validateDownwardFiles } from './downward-validation.ts'
import { validateProjected } from './projected-validation.ts'

const pullPolicies = ['Always', 'IfNotPresent', 'Never']

/** The pod whose volumes are judged; undefined for those of a template. */
type PodMeta = Pick<ObjectMeta, 'name'> | undefined

/** Judges one source; undefined where it is not the one that is given. */
type Check = (volume: Volume, path: string, pod: PodMeta) => FieldError[] | undefined

/** Every source that a pod's volume may have, in the order upstream looks at them. */
const checks: readonly [field: string, check: Check][] = [
  ['emptyDir', ({ emptyDir }, path) => emptyDir && validateSizeLimit(emptyDir, `${path}.emptyDir`)],
  ['hostPath', ({ hostPath }, path) => hostPath && validateHostPath(hostPath, `${path}.hostPath`)],
  ['gitRepo', ({ gitRepo }, path) => gitRepo && validateGitRepo(gitRepo, `${path}.gitRepo`)],
  [
    'gcePersistentDisk',
    ({ gcePersistentDisk: disk }, path) => disk && validateGceDisk(disk, `${path}.persistentDisk`),
  ],
  [
    'awsElasticBlockStore',
    ({ awsElasticBlockStore: disk }, path) => disk && validateAwsDisk(disk, `${path}.awsElasticBlockStore`),
  ],
  ['secret', ({ secret }, path) => secret && validateKeys(secret, 'secretName', `${path}.secret`)],
  ['nfs', ({ nfs }, path) => nfs && validateNfs(nfs, `${path}.nfs`)],
  ['iscsi', ({ iscsi }, path) => iscsi && validateIscsi(iscsi, `${path}.iscsi`)],
  ['glusterfs', ({ glusterfs }, path) => glusterfs && validateGlusterfs(glusterfs, `${path}.glusterfs`)],
  ['flocker', ({ flocker }, path) => flocker && validateFlocker(flocker, `${path}.flocker`)],
  [
    'persistentVolumeClaim',
    ({ persistentVolumeClaim: claim }, path) =>
      claim && requireMembers(claim, ['claimName'], `${path}.persistentVolumeClaim`),
  ],
  ['rbd', ({ rbd }, path) => rbd && validateRbd(rbd, `${path}.rbd`)],
  ['cinder', ({ cinder }, path) => cinder && validateCinder(cinder, `${path}.cinder`, false)],
  ['cephFS', ({ cephfs }, path) => cephfs && validateCephFs(cephfs, `${path}.cephfs`)],
  ['quobyte', ({ quobyte }, path) => quobyte && validateQuobyte(quobyte, `${path}.quobyte`)],
  // The missing letter is upstream's.
  [
    'downwarAPI',
    ({ downwardAPI }, path) =>
      downwardAPI && [
        ...validateMode(downwardAPI.defaultMode, `${path}.downwardAPI.defaultMode`),
        ...validateDownwardFiles(downwardAPI.items, `${path}.downwardAPI`),
      ],
  ],
  ['fc', ({ fc }, path) => fc && validateFc(fc, `${path}.fc`)],
  ['flexVolume', ({ flexVolume }, path) => flexVolume && validateFlex(flexVolume, `${path}.flexVolume`)],
  ['configMap', ({ configMap }, path) => configMap && validateKeys(configMap, 'name', `${path}.configMap`)],
  ['azureFile', ({ azureFile }, path) => azureFile && validateAzureFile(azureFile, `${path}.azureFile`)],
  [
    'vsphereVolume',
    ({ vsphereVolume: disk }, path) => disk && requireMembers(disk, ['volumePath'], `${path}.vsphereVolume`),
  ],
  [
    'photonPersistentDisk',
    ({ photonPersistentDisk: disk }, path) =>
      disk && requireMembers(disk, ['pdID'], `${path}.photonPersistentDisk`),
  ],
  [
    'portworxVolume',
    ({ portworxVolume: disk }, path) => disk && requireMembers(disk, ['volumeID'], `${path}.portworxVolume`),
  ],
  ['azureDisk', ({ azureDisk }, path) => azureDisk && validateAzureDisk(azureDisk, `${path}.azureDisk`)],
  [
    'storageos',
    ({ storageos }, path) => storageos && validateStorageOs(storageos, `${path}.storageos`, false),
  ],
  ['projected', ({ projected }, path) => projected && validateProjected(projected, `${path}.projected`)],
  [
    'scaleIO',
    ({ scaleIO }, path) =>
      scaleIO && requireMembers(scaleIO, ['gateway', 'system', 'volumeName'], `${path}.scaleIO`),
  ],
  ['csi', ({ csi }, path) => csi && validateInlineCsi(csi, `${path}.csi`)],
  ['ephemeral', validateEphemeral],
  ['image', ({ image }, path, pod) => image && validateImage(image, `${path}.image`, pod !== undefined)],
]

/**
 * Volumes of a pod (upstream: pkg/apis/core/validation/validation.go ValidateVolumes), with those that are sound by name,
 * to which alone containers can refer.
 */
export function validateVolumes(
  volumes: Volume[] | undefined,
  path: string,
  pod?: PodMeta,
): { sound: Map<string, Volume>; errors: FieldError[] } {
  const all = volumes ?? []
  const created = new Set(
    pod?.name ? all.flatMap((one) => (one.ephemeral ? `${pod.name}-${one.name}` : [])) : [],
  )
  const sound = new Map<string, Volume>()
  const errors = all.flatMap((volume, at) => {
    const where = `${path}[${at}]`
    const name = volume.name ?? ''
    const problems = validateSource(volume, where, pod)
    if (name === '') problems.push(required(`${where}.name`))
    else problems.push(...invalidFor(`${where}.name`, name, checkDns1123Label(name)))
    if (sound.has(name)) problems.push(duplicate(`${where}.name`, name))
    if (problems.length === 0) sound.set(name, volume)
    const claim = volume.persistentVolumeClaim?.claimName
    if (claim !== undefined && created.has(claim)) {
      const why = 'must not reference a PVC that gets created for an ephemeral volume'
      problems.push(invalidValue(`${where}.persistentVolumeClaim.claimName`, claim, why))
    }
    return problems
  })
  return { sound, errors }
}

function validateSource(volume: Volume, path: string, pod: PodMeta): FieldError[] {
  let count = 0
  const errors = checks.flatMap(([field, check]) => {
    const problems = check(volume, path, pod)
    if (!problems) return []
    count++
    if (count === 1) return problems
    return [forbiddenField(`${path}.${field}`, 'may not specify more than 1 volume type')]
  })
  if (volume.iscsi) {
    errors.push(...validateIscsiVolumeName(volume.iscsi, volume.name ?? '', `${path}.name`))
  }
  return count > 0 ? errors : [required(path, 'must specify a volume type')]
}

function validateSizeLimit({ sizeLimit }: { sizeLimit?: string }, path: string): FieldError[] {
  if (sizeLimit === undefined || compareQuantity(sizeLimit, '0') >= 0) return []
  return [forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
}

function validateGitRepo(source: { repository?: string; directory?: string }, path: string): FieldError[] {
  return [
    ...requireMembers(source, ['repository'], path),
    ...validateLocalPath(source.directory ?? '', `${path}.directory`),
  ]
}

/** Files out of a ConfigMap or Secret, which `nameField` names. */
function validateKeys<N extends 'name' | 'secretName'>(
  source: { items?: KeyToPath[]; defaultMode?: number } & { [name in N]?: string },
  nameField: N,
  path: string,
): FieldError[] {
  return [
    ...(source[nameField] ? [] : [required(`${path}.${nameField}`)]),
    ...validateMode(source.defaultMode, `${path}.defaultMode`),
    ...(source.items ?? []).flatMap((item, at) => validateKeyToPath(item, `${path}.items[${at}]`)),
  ]
}

function validateInlineCsi(source: NonNullable<Volume['csi']>, path: string): FieldError[] {
  const errors = validateDriverName(source.driver, `${path}.driver`)
  const { nodePublishSecretRef: secret } = source
  if (!secret) return errors
  if (!secret.name) return [...errors, required(`${path}.nodePublishSecretRef.name`)]
  return [...errors, ...invalidFor(`${path}.name`, secret.name, checkDns1123Subdomain(secret.name))]
}

/** A claim that is made for the pod, under a name that follows from those of pod and volume. */
function validateEphemeral(volume: Volume, path: string, pod: PodMeta): FieldError[] | undefined {
  if (!volume.ephemeral) return undefined
  const errors = validateClaimTemplate(volume.ephemeral, `${path}.ephemeral.volumeClaimTemplate`)
  if (!pod?.name || !volume.name) return errors
  const claim = `${pod.name}-${volume.name}`
  const problems = checkDns1123Subdomain(claim).map((problem) => `PVC name "${claim}": ${problem}`)
  return [...errors, ...invalidFor(`${path}.name`, volume.name, problems)]
}

function validateClaimTemplate(
  { volumeClaimTemplate: template }: EphemeralVolumeSource,
  path: string,
): FieldError[] {
  if (!template) return [required(path)]
  const { labels, annotations, ...others } = template.metadata ?? {}
  const set = Object.entries(others).filter(([, value]) => value !== '')
  return [
    ...validateAnnotations(annotations, `${path}.metadata.annotations`),
    ...validateLabels(labels, `${path}.metadata.labels`),
    ...set.map(([name]) => forbiddenField(`${path}.metadata.${name}`, 'cannot be set')),
    ...validateClaimSpec(template.spec ?? {}, `${path}.spec`),
  ]
}

function validateImage(
  { reference, pullPolicy }: ImageVolumeSource,
  path: string,
  isOfPod: boolean,
): FieldError[] {
  // What a template leaves open a webhook may still fill in.
  const errors = isOfPod && !reference ? [required(`${path}.reference`)] : []
  return [...errors, ...validateOneOf(pullPolicy, pullPolicies, `${path}.pullPolicy`)]
}
