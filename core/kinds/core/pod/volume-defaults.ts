import type { ObjectFieldSelector, Volume } from '../../../api/generated/core-v1.ts'
import { canonicalQuantity } from '../../../api/quantity.ts'
import { pullPolicyOf } from './image-pull-policy.ts'

/** 0644, as files of secrets, config maps and projections get where nothing else is asked for. */
const fileMode = 420
const tokenSeconds = 3600

/** Defaults of one volume (upstream: pkg/apis/core/v1/defaults.go SetDefaults_*VolumeSource). */
export function defaultVolume(volume: Volume): void {
  const hasSource = Object.keys(volume).some((key) => key !== 'name')
  if (!hasSource) volume.emptyDir = {}
  const { secret, configMap, downwardAPI, projected, hostPath, image, ephemeral, emptyDir } = volume
  for (const source of [secret, configMap, downwardAPI, projected]) {
    if (source) source.defaultMode ??= fileMode
  }
  for (const item of downwardAPI?.items ?? []) defaultFieldRef(item.fieldRef)
  for (const source of projected?.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= tokenSeconds
    for (const item of source.downwardAPI?.items ?? []) defaultFieldRef(item.fieldRef)
  }
  if (hostPath) hostPath.type ??= ''
  if (image) image.pullPolicy ||= pullPolicyOf(image.reference ?? '')
  if (ephemeral?.volumeClaimTemplate) ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem'
  if (emptyDir?.sizeLimit !== undefined) {
    emptyDir.sizeLimit = canonicalQuantity(emptyDir.sizeLimit) ?? emptyDir.sizeLimit
  }
}

function defaultFieldRef(fieldRef: ObjectFieldSelector | undefined): void {
  if (fieldRef) fieldRef.apiVersion ||= 'v1'
}
