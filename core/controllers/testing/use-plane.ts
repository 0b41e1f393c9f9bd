import { afterEach, beforeEach } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { bindPods } from '../../cluster/testing/bind-pods.ts'
import { createReadyNode, startFakeKubelet } from '../../cluster/testing/fake-kubelet.ts'
import { createTestControlPlane, type TestControlPlane } from '../../cluster/testing/test-control-plane.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import type { Controller } from '../kit/controller.ts'

/** The namespace that these tests use. */
export const namespace = 'default'

/** What the running test has. */
export interface PlaneUnderTest {
  readonly clock: FakeClock
  readonly plane: TestControlPlane
  /** Ends with the test. */
  readonly parts: DisposableStack
  /** Whether a pod becomes ready; all do until the test says otherwise. */
  isReady: (pod: Pod) => boolean
  /** Whether the kubelet is there; it is until the test says otherwise. */
  isAlive: boolean
  /** The pods of the namespace. */
  pods(): Promise<Pod[]>
}

/**
 * Gives each test of a file a plane with its own clock, the namespace `default` with its service account, and these
 * controllers, started. Pods run at once on the node `node-1`, unless `nodes` is 'none'.
 */
export function usePlane(
  make: (plane: TestControlPlane, clock: FakeClock) => Controller[],
  nodes: 'one' | 'none' = 'one',
): PlaneUnderTest {
  let clock: FakeClock
  let plane: TestControlPlane
  let controllers: Controller[]
  let parts: DisposableStack

  beforeEach(async () => {
    under.isReady = () => true
    under.isAlive = true
    parts = new DisposableStack()
    clock = new FakeClock()
    plane = createTestControlPlane({ clock })
    await plane.client.create(resources.namespaces, { metadata: { name: namespace }, spec: {} })
    await plane.client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } })
    if (nodes === 'one') await createReadyNode(plane, 'node-1', { cpu: '400', memory: '800Gi' })
    controllers = make(plane, clock)
    await Promise.all(controllers.map((controller) => controller.start()))
    if (nodes === 'none') return
    parts.use(bindPods(plane, 'node-1'))
    parts.use(startFakeKubelet(plane, { isReady: (pod) => under.isReady(pod), isAlive: () => under.isAlive }))
  })
  afterEach(async () => {
    parts.dispose()
    for (const controller of controllers) await controller.stop()
    await plane.close()
  })

  const under: PlaneUnderTest = {
    get clock() {
      return clock
    },
    get plane() {
      return plane
    },
    get parts() {
      return parts
    },
    isReady: () => true,
    isAlive: true,
    pods: async () => (await plane.client.list(resources.pods, { namespace })).items,
  }
  return under
}
