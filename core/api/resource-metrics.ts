import type { Resource } from './gvk.ts'
import type { KubeObject } from './meta.ts'

/** What one container uses: quantities by resource name. */
export interface ContainerMetrics {
  name: string
  usage: Record<string, string>
}

/** metrics.k8s.io/v1beta1 PodMetrics. `window` is a Go duration such as `15.02s` that ends at `timestamp`. */
export interface PodMetrics extends KubeObject {
  timestamp: string
  window: string
  containers: ContainerMetrics[]
}

/** metrics.k8s.io/v1beta1 NodeMetrics. */
export interface NodeMetrics extends KubeObject {
  timestamp: string
  window: string
  usage: Record<string, string>
}

const group = 'metrics.k8s.io'
const version = 'v1beta1'

/** The resources of the resource metrics API; named as what they are about, not as their kind. */
export const metricsResources = {
  pods: { group, version, resource: 'pods', kind: 'PodMetrics', namespaced: true } as Resource<PodMetrics>,
  nodes: {
    group,
    version,
    resource: 'nodes',
    kind: 'NodeMetrics',
    namespaced: false,
  } as Resource<NodeMetrics>,
}
