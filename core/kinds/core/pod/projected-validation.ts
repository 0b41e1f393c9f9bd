import type {
  ClusterTrustBundleProjection,
  KeyToPath,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { validateSignerName } from '../../certificates/certificatesigningrequest/signer-name.ts'
import { forbiddenField, invalidFor, invalidValue, required } from '../../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../../validation/formats.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { validateFilePath, validateKeyToPath, validateMode } from '../volumes/file-paths.ts'
import { validateDownwardFile } from './downward-validation.ts'

const minTokenSeconds = 600
const maxTokenSeconds = 2 ** 32

/** Files of several sources in one folder (upstream: validation.go validateProjectedVolumeSource). */
export function validateProjected(
  { defaultMode, sources = [] }: ProjectedVolumeSource,
  path: string,
): FieldError[] {
  const taken = new Set<string>()
  return [
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...sources.flatMap((source, at) => validateSource(source, { taken, path, at })),
  ]
}

interface Place {
  /** Files that are there already. */
  taken: Set<string>
  /** Of the volume source, at which upstream tells some of what is wrong with its parts. */
  path: string
  at: number
}

function validateSource(source: VolumeProjection, place: Place): FieldError[] {
  const where = `${place.path}.sources[${place.at}]`
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } = source
  const errors: FieldError[] = []
  if (secret) errors.push(...validateKeys(secret, `${where}.secret`, place))
  if (configMap) errors.push(...validateKeys(configMap, `${where}.configMap`, place))
  for (const file of downwardAPI?.items ?? []) {
    errors.push(...validateDownwardFile(file, `${where}.downwardAPI`), ...take(file.path, file.path, place))
  }
  if (serviceAccountToken) {
    errors.push(...validateToken(serviceAccountToken, `${where}.serviceAccountToken`, place.path))
  }
  if (clusterTrustBundle) {
    errors.push(...validateTrustBundle(clusterTrustBundle, `${where}.clusterTrustBundle`))
    errors.push(...take(clusterTrustBundle.path, clusterTrustBundle.path, place))
  }
  if (podCertificate) errors.push(...validateCertificate(podCertificate, `${where}.podCertificate`, place))
  const given = [secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate]
  if (given.filter(Boolean).length > 1) {
    errors.push(forbiddenField(where, 'may not specify more than 1 volume type per source'))
  }
  return errors
}

/** Takes the place of a file; `shown` is what upstream names when somebody has it. */
function take(file: string | undefined, shown: string | undefined, { taken, path }: Place): FieldError[] {
  if (!file) return []
  if (taken.has(file)) return [invalidValue(path, shown ?? '', 'conflicting duplicate paths')]
  taken.add(file)
  return []
}

function validateKeys(
  { name, items = [] }: { name?: string; items?: KeyToPath[] },
  path: string,
  place: Place,
): FieldError[] {
  return [
    ...(name ? [] : [required(`${path}.name`)]),
    ...items.flatMap((item, at) => [
      ...validateKeyToPath(item, `${path}.items[${at}]`),
      ...take(item.path, name, place),
    ]),
  ]
}

function validateToken(
  { expirationSeconds: seconds = 3600, path: file }: ServiceAccountTokenProjection,
  path: string,
  volumePath: string,
): FieldError[] {
  const refuse = (why: string): FieldError => invalidValue(`${path}.expirationSeconds`, seconds, why)
  return [
    ...(seconds < minTokenSeconds ? [refuse('may not specify a duration less than 10 minutes')] : []),
    ...(seconds > maxTokenSeconds ? [refuse('may not specify a duration larger than 2^32 seconds')] : []),
    ...validateFilePath(file, `${volumePath}.path`),
  ]
}

/** Trust anchors: one bundle by name, or all of a signer that a selector selects. */
function validateTrustBundle(bundle: ClusterTrustBundleProjection, path: string): FieldError[] {
  return [...validateTrust(bundle, path), ...validateFilePath(bundle.path, `${path}.path`)]
}

function validateTrust(bundle: ClusterTrustBundleProjection, path: string): FieldError[] {
  const { name, signerName, labelSelector } = bundle
  if (name !== undefined && signerName !== undefined) {
    return [invalidValue(path, bundle, 'only one of name and signerName may be used')]
  }
  if (name !== undefined) {
    const errors = name === '' ? [required(`${path}.name`, 'must be a valid object name')] : []
    const problems = problemsOfBundleName(name).map((why) => `not a valid clustertrustbundlename: ${why}`)
    errors.push(...invalidFor(`${path}.name`, name, problems))
    if (!labelSelector) return errors
    const why = 'labelSelector must be unset if name is specified'
    return [...errors, invalidValue(`${path}.labelSelector`, labelSelector, why)]
  }
  if (signerName === undefined) return [required(path, 'either name or signerName must be specified')]
  const where = `${path}.signerName`
  return [
    ...(signerName === '' ? [required(where, 'must be a valid signer name')] : []),
    ...validateSignerName(signerName, where),
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
  ]
}

/** The name of a bundle begins with its signer, where it has one: `example.com:foo:name`. */
function problemsOfBundleName(name: string): string[] {
  return checkDns1123Subdomain(name.slice(name.lastIndexOf(':') + 1))
}

/** A key and certificate that the kubelet asks for: in one file or in two. */
function validateCertificate(source: PodCertificateProjection, path: string, place: Place): FieldError[] {
  const { signerName, keyType, credentialBundlePath, keyPath, certificateChainPath } = source
  const errors = validateSignerName(signerName ?? '', `${path}.signerName`)
  if (!keyType) errors.push(required(`${path}.keyType`))
  const files = { credentialBundlePath, keyPath, certificateChainPath }
  const given = Object.entries(files).filter((entry): entry is [string, string] => !!entry[1])
  if (given.length === 0) {
    const why = 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'
    errors.push(required(path, why))
  }
  for (const [name, file] of given) {
    errors.push(...validateFilePath(file, `${path}.${name}`), ...take(file, file, place))
  }
  return errors
}
