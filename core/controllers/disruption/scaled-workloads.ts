import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'

/** What the scaled workloads have in common. */
interface ScaledWorkload extends KubeObject {
  spec?: { replicas?: number }
}

/** The workloads whose scale is read from the informers; any other kind is asked for its scale. */
export const scaledWorkloads: Resource<ScaledWorkload>[] = [
  resources.replicationControllers as Resource<ScaledWorkload>,
  resources.replicaSets as Resource<ScaledWorkload>,
  resources.deployments as Resource<ScaledWorkload>,
  resources.statefulSets as Resource<ScaledWorkload>,
]
