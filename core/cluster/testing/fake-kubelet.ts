import type { Node, Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isConflict, isNotFound } from '../../api/status.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { TestControlPlane } from './test-control-plane.ts'
import { waitFor } from './wait-for.ts'

export interface FakeKubeletOptions {
  /** Whether a pod becomes ready; default all do. */
  isReady?: (pod: Pod) => boolean
  /** Whether this kubelet is there for the pod's node; default always. */
  isAlive?: (nodeName: string) => boolean
}

/** Makes assigned pods Running and Ready with an address, and removes those that are deleted. Dispose ends it. */
export function startFakeKubelet(plane: TestControlPlane, options: FakeKubeletOptions = {}): Disposable {
  const { client, clock } = plane
  const { isReady = () => true, isAlive = () => true } = options
  let addresses = 0

  async function sync(pod: Pod): Promise<void> {
    const { nodeName } = pod.spec
    if (!nodeName || !isAlive(nodeName)) return
    const { name, namespace = '', uid = '' } = pod.metadata
    const ref = { namespace, name }
    if (pod.metadata.deletionTimestamp) {
      await client.delete(resources.pods, ref, { gracePeriodSeconds: 0, preconditions: { uid } })
      return
    }
    if (pod.status?.phase !== 'Pending') return
    addresses += 1
    const podIP = `10.1.${addresses >> 8}.${addresses & 255}`
    const ready = isReady(pod) ? 'True' : 'False'
    const lastTransitionTime = rfc3339(clock.now())
    const status = {
      phase: 'Running',
      startTime: lastTransitionTime,
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: ['Ready', 'ContainersReady'].map((type) => ({ type, status: ready, lastTransitionTime })),
    }
    const body = { metadata: { uid }, status }
    await client.patch(resources.pods, ref, { type: 'strategic', subresource: 'status', body })
  }

  const onPod = (pod: Pod): void =>
    void sync(pod).catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error
    })
  return plane.informers.informer(resources.pods).addHandler({ added: onPod, updated: onPod })
}

/** Registers a Ready node with this much room, and waits until the plane's informer has it: who acts on pods knows it then. */
export async function createReadyNode(
  plane: TestControlPlane,
  name: string,
  overrides: { labels?: Record<string, string>; cpu?: string; memory?: string; pods?: string } = {},
): Promise<Node> {
  const { labels = {}, cpu = '4', memory = '8Gi', pods = '110' } = overrides
  const now = rfc3339(plane.clock.now())
  const amounts = { cpu, memory, pods, 'ephemeral-storage': '100Gi' }
  const node = await plane.client.create(resources.nodes, {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: {},
    status: {
      capacity: amounts,
      allocatable: amounts,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
    },
  })
  const { store } = plane.informers.informer(resources.nodes)
  await waitFor(() => store.get(name))
  return node
}
