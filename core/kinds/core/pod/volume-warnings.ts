import type { KeyToPath, Volume, VolumeProjection } from '../../../api/generated/core-v1.ts'
import { warnOfClaimSpec } from '../volumes/claim-warnings.ts'

const since1_22 = 'deprecated in v1.22, non-functional in v1.25+'
const since1_28 = 'deprecated in v1.28, non-functional in v1.31+'

/** Sources that are going or gone, with the name upstream gives to their fields. */
const deprecated: Partial<Record<keyof Volume, string>> = {
  photonPersistentDisk: 'photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'gitRepo: deprecated in v1.11',
  scaleIO: 'scaleIO: deprecated in v1.16, non-functional in v1.22+',
  flocker: `flocker: ${since1_22}`,
  storageos: `storageOS: ${since1_22}`,
  quobyte: `quobyte: ${since1_22}`,
  glusterfs: 'glusterfs: deprecated in v1.25, non-functional in v1.26+',
  cephfs: `cephfs: ${since1_28}`,
  rbd: `rbd: ${since1_28}`,
}

/** Volumes of a pod that use what is deprecated, or hide a token. */
export function warnOfVolumes(volumes: Volume[] | undefined, path: string): string[] {
  const all = volumes ?? []
  const sources = all.flatMap(({ projected }) => projected?.sources ?? [])
  const tokens = new Set(sources.flatMap(({ serviceAccountToken: token }) => token?.path ?? []))
  return [
    ...all.flatMap((volume, at) => [
      ...Object.keys(volume).flatMap((name) => {
        const why = deprecated[name as keyof Volume]
        return why === undefined ? [] : [`${path}[${at}].${why}`]
      }),
      ...warnOfClaimSpec(
        volume.ephemeral?.volumeClaimTemplate?.spec,
        `${path}[${at}].ephemeral.volumeClaimTemplate.spec`,
      ),
    ]),
    ...(tokens.size === 0
      ? []
      : all.flatMap(({ projected }, at) =>
          (projected?.sources ?? []).flatMap((source) =>
            warnOfHidden(source, tokens, `${path}[${at}].projected.sources`),
          ),
        )),
  ]
}

function warnOfHidden(source: VolumeProjection, tokens: Set<string>, path: string): string[] {
  const { configMap, secret, downwardAPI, clusterTrustBundle } = source
  const warn = (field: string, file: string | undefined): string[] =>
    file !== undefined && tokens.has(file)
      ? [`${path}.${field}: has duplicated path with ServiceAccountToken ${JSON.stringify(file)}`]
      : []
  const of = (items: Pick<KeyToPath, 'path'>[] | undefined, field: string): string[] =>
    (items ?? []).flatMap((item, at) => warn(`${field}[${at}]`, item.path))
  return [
    ...of(configMap?.items, 'configMap'),
    ...of(secret?.items, 'secrets'),
    ...of(downwardAPI?.items, 'downwardAPI'),
    ...warn('ClusterTrustBundle', clusterTrustBundle?.path),
  ]
}
