import type { Pod } from '../../api/generated/core-v1.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'
import type { PodState } from '../pods/pod-state.ts'
import { isStaticPod } from '../static/static-pod.ts'

/** What a node holds now, looked up when asked. */
export interface NodeFigures {
  nodeName: string
  /** The pods that the node is to run, and those of them that have not ended. */
  pods(): Pod[]
  activePods(): Pod[]
  /** What the runtime has, as far as it was read. */
  states(): PodState[]
}

const containerStates = ['created', 'running', 'exited'] as const

/** Adds gauges by upstream's names (upstream: pkg/kubelet/pleg/generic.go, kubelet_pods.go HandlePodCleanups). */
export function addNodeGauges(registry: MetricRegistry, figures: NodeFigures): void {
  const { nodeName, pods, activePods, states } = figures
  registry
    .gauge('kubelet_node_name', "[ALPHA] The node's name; the value is always 1.")
    .set({ node: nodeName }, 1)
  const sandboxes = registry.gauge('kubelet_running_pods', '[ALPHA] Pods whose sandbox runs.').bind({})
  const containers = registry.gauge('kubelet_running_containers', '[ALPHA] Containers, by state.')
  const desired = registry.gauge('kubelet_desired_pods', '[ALPHA] Pods that the node is to run.')
  const active = registry.gauge('kubelet_active_pods', '[ALPHA] Pods of the node that have not ended.')
  const mirrors = registry
    .gauge('kubelet_mirror_pods', '[ALPHA] Static pods that the API server shows.')
    .bind({})
  registry.beforePrint(() => {
    const known = states()
    sandboxes.value = known.filter((one) => one.sandboxes.some(({ state }) => state === 'ready')).length
    const all = known.flatMap((one) => one.containers)
    for (const state of containerStates) {
      containers.set({ container_state: state }, all.filter((one) => one.state === state).length)
    }
    for (const [gauge, list] of [
      [desired, pods()],
      [active, activePods()],
    ] as const) {
      const count = list.filter(isStaticPod).length
      gauge.set({ static: '' }, list.length - count)
      gauge.set({ static: 'true' }, count)
    }
    mirrors.value = pods().filter(isStaticPod).length
  })
}
