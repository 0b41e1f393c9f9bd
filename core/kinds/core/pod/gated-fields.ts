import type { GatedFields } from '../../../registry/gated-fields.ts'

const containers = ['containers', 'initContainers', 'ephemeralContainers']

/**
 * Fields of a pod that Kubernetes 1.36 knows but keeps behind gates that are off by default (upstream: pkg/features,
 * pkg/api/pod DropDisabledPodFields); `path` is that of the pod's spec.
 */
export function gatedPodFields(path: string): GatedFields[] {
  const at = (field: string): string => `${path}.${field}`
  return [
    {
      gate: 'ContainerStopSignals',
      paths: containers.map((list) => at(`${list}[].lifecycle.stopSignal`)),
      isEmptyHolderDropped: true,
    },
    {
      gate: 'ClusterTrustBundleProjection',
      paths: [at('volumes[].projected.sources[].clusterTrustBundle')],
    },
    { gate: 'PodCertificateRequest', paths: [at('volumes[].projected.sources[].podCertificate')] },
    { gate: 'GenericWorkload', paths: [at('schedulingGroup')] },
  ]
}

/** The same of what is reported of a pod. */
export const gatedPodStatus: GatedFields[] = [
  {
    gate: 'ImageVolumeWithDigest',
    paths: containers.map((list) => `status.${list.replace(/s$/, '')}Statuses[].volumeMounts[].volumeStatus`),
  },
  { gate: 'DRANodeAllocatableResources', paths: ['status.nodeAllocatableResourceClaimStatuses'] },
]
