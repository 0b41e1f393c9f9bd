import type { Container, EphemeralContainer, Pod, Volume } from '../../../api/generated/core-v1.ts'

/** What a pod's kubelet must read for it, by kind, all in the pod's namespace. */
export interface PodReferences {
  secrets: string[]
  configMaps: string[]
  claims: string[]
  resourceClaims: string[]
  serviceAccount: string | undefined
}

type AnyContainer = Container | EphemeralContainer

/** Every object that a pod names (upstream: pkg/api/v1/pod VisitPodSecretNames, VisitPodConfigmapNames, graph.go AddPod). */
export function referencesOf({ metadata, spec, status }: Pod): PodReferences {
  const volumes = spec.volumes ?? []
  const containers: AnyContainer[] = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ]
  const claims = (spec.resourceClaims ?? []).map(({ resourceClaimName }) => resourceClaimName)
  const generated = (status?.resourceClaimStatuses ?? []).map(({ resourceClaimName }) => resourceClaimName)
  return {
    secrets: named([
      ...(spec.imagePullSecrets ?? []).map(({ name }) => name),
      ...containers.flatMap((container) => ofContainer('secret', container)),
      ...volumes.flatMap(secretsOfVolume),
    ]),
    configMaps: named([
      ...containers.flatMap((container) => ofContainer('configMap', container)),
      ...volumes.flatMap(configMapsOfVolume),
    ]),
    claims: named(volumes.map((volume) => claimOfVolume(volume, metadata.name))),
    resourceClaims: named([...claims, ...generated, status?.extendedResourceClaimStatus?.resourceClaimName]),
    serviceAccount: spec.serviceAccountName,
  }
}

function named(names: (string | undefined)[]): string[] {
  return names.filter((name) => name !== undefined && name !== '') as string[]
}

function ofContainer(kind: 'secret' | 'configMap', { env, envFrom }: AnyContainer): (string | undefined)[] {
  return [
    ...(envFrom ?? []).map((source) => source[`${kind}Ref`]?.name),
    ...(env ?? []).map(({ valueFrom }) => valueFrom?.[`${kind}KeyRef`]?.name),
  ]
}

function secretsOfVolume(volume: Volume): (string | undefined)[] {
  return [
    volume.secret?.secretName,
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef.name,
    volume.storageos?.secretRef?.name,
  ]
}

function configMapsOfVolume({ configMap, projected }: Volume): (string | undefined)[] {
  return [configMap?.name, ...(projected?.sources ?? []).map((source) => source.configMap?.name)]
}

/** A generic ephemeral volume's claim is named after pod and volume. */
function claimOfVolume(volume: Volume, podName: string): string | undefined {
  if (volume.ephemeral) return `${podName}-${volume.name}`
  return volume.persistentVolumeClaim?.claimName
}
