import { findCondition, observedGenerationOf, setCondition } from '../../api/conditions.ts'
import type { Lease } from '../../api/generated/coordination-v1.ts'
import type { Node, NodeCondition, ObjectReference, Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isConflict } from '../../api/status.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { patchPodStatus } from '../../client/pod-status.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller } from '../kit/controller.ts'
import { isPodReady } from '../kit/pod-state.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { createHeartbeats } from './heartbeats.ts'
import { stoppedAnnotation, type NodeLifecycleOptions } from './options.ts'
import { indexPodsByNode } from './pods-by-node.ts'
import { taintsOf } from './taints.ts'

const leaseNamespace = 'kube-node-lease'
/** Conditions that only the kubelet knows (upstream: nodeConditionTypes). */
const kubeletConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

/**
 * Watches over the nodes' signs of life (upstream: pkg/controller/nodelifecycle): a node that is silent for the grace
 * period, or that was stopped on purpose, gets Unknown conditions and the unreachable taints, and its pods become not
 * ready; taints follow the conditions both ways. Silence is measured from when a sign was seen, not from what it says,
 * so a restarted control plane or a machine that slept gives every node a fresh period.
 */
export function createNodeLifecycleController(options: NodeLifecycleOptions): Controller {
  const { client, informers, clock } = options
  const { monitorGraceMs = 40_000, startupGraceMs = 60_000 } = options
  const recorder = options.recorder('node-controller')
  const podsOn = indexPodsByNode(informers.informer(resources.pods))
  const heartbeats = createHeartbeats({ clock, graceMs: monitorGraceMs })
  /** The nodes that were told of. */
  const known = new Map<string, ObjectReference>()

  function tellOf(node: ObjectReference, reason: 'RegisteredNode' | 'RemovingNode', what: string): void {
    recorder.record(node, { type: 'Normal', reason, message: `Node ${node.name} event: ${what}` })
  }

  function register(node: Node): void {
    const { name } = node.metadata
    if (known.has(name)) return
    const reference = referenceTo(resources.nodes, node)
    known.set(name, reference)
    tellOf(reference, 'RegisteredNode', `Registered Node ${name} in Controller`)
  }

  function forget(name: string): void {
    heartbeats.forget(name)
    const node = known.get(name)
    if (!node) return
    known.delete(name)
    tellOf(node, 'RemovingNode', `Removing Node ${name} from Controller`)
  }

  function unknownConditions(node: Node, now: string): NodeCondition[] {
    let conditions = node.status?.conditions ?? []
    for (const type of kubeletConditions) {
      const current = findCondition(conditions, type)
      if (current?.status === 'Unknown') continue
      const [reason, message] = current
        ? ['NodeStatusUnknown', 'Kubelet stopped posting node status.']
        : ['NodeStatusNeverUpdated', 'Kubelet never posted node status.']
      conditions = setCondition(conditions, { ...current, type, status: 'Unknown', reason, message }, now)
    }
    return conditions
  }

  async function syncConditions(node: Node, isSilent: boolean): Promise<Node> {
    if (!isSilent) return node
    const conditions = unknownConditions(node, rfc3339(clock.now()))
    if (conditions === node.status?.conditions) return node
    return client.updateStatus(resources.nodes, { ...node, status: { ...node.status, conditions } })
  }

  async function syncTaints(node: Node): Promise<void> {
    const taints = taintsOf(node, rfc3339(clock.now()))
    if (taints === node.spec?.taints || (taints.length === 0 && !node.spec?.taints)) return
    const { name, resourceVersion } = node.metadata
    const body = { metadata: { resourceVersion }, spec: { taints } }
    await client.patch(resources.nodes, { name }, { type: 'merge', body })
  }

  /** Takes the node's pods out of service at once, long before they are evicted (upstream: MarkPodsNotReady). */
  async function markPodsNotReady(node: Node): Promise<void> {
    for (const pod of podsOn(node.metadata.name)) {
      if (!isPodReady(pod)) continue
      await markNotReady(pod)
      recorder.record(referenceTo(resources.pods, pod), {
        type: 'Warning',
        reason: 'NodeNotReady',
        message: 'Node is not ready',
      })
    }
  }

  async function markNotReady(pod: Pod): Promise<void> {
    const lastTransitionTime = rfc3339(clock.now())
    try {
      await patchPodStatus(client, pod, {
        conditions: [{ type: 'Ready', status: 'False', ...observedGenerationOf(pod), lastTransitionTime }],
      })
    } catch (error) {
      if (!isConflict(error)) throw error
    }
  }

  async function reconcile(node: Node): Promise<Result | void> {
    const { name, annotations } = node.metadata
    const ready = findCondition(node.status?.conditions, 'Ready')
    const graceMs = ready ? monitorGraceMs : startupGraceMs
    const silentForMs = heartbeats.silentForMs(name)
    const isStopped = annotations?.[stoppedAnnotation] === 'true'
    const isSilent = isStopped || silentForMs >= graceMs
    const synced = await syncConditions(node, isSilent)
    await syncTaints(synced)
    const status = findCondition(synced.status?.conditions, 'Ready')?.status
    if (status !== undefined && status !== 'True') await markPodsNotReady(synced)
    if (ready?.status === 'True' && status !== 'True') {
      recorder.record(
        { ...referenceTo(resources.nodes, node) },
        { type: 'Normal', reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady` },
      )
    }
    if (!isSilent) return { requeueAfterMs: Math.max(graceMs - silentForMs, 1) }
  }

  return defineController(options, {
    name: 'node-lifecycle',
    for: resources.nodes,
    watches: [
      watchOf(resources.nodes, ({ object }) => {
        const heartbeat = findCondition(object.status?.conditions, 'Ready')?.lastHeartbeatTime
        heartbeats.saw(object.metadata.name, 'status', heartbeat)
        return []
      }),
      watchOf(resources.leases, ({ type, object }) => {
        const { namespace, name } = object.metadata
        if (namespace === leaseNamespace && type !== 'deleted')
          heartbeats.saw(name, 'lease', renewalOf(object))
        return []
      }),
    ],
    async reconcile({ name, object }) {
      if (!object) return forget(name)
      register(object)
      return reconcile(object)
    },
    dispose: () => {
      heartbeats[Symbol.dispose]()
      recorder[Symbol.dispose]()
    },
  })
}

function renewalOf(lease: Lease): string | undefined {
  return lease.spec?.renewTime
}
