import { createDynamicAdmission } from '../../admission/dynamic-admission.ts'
import { createAdmission, type AdmissionOptions } from '../../admission/index.ts'
import { createServiceAllocator } from '../../admission/service-allocation.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { createClient, type Client } from '../../client/client.ts'
import { createEventRecorder, type EventRecorder } from '../../client/event-recorder.ts'
import { createInformerFactory, type InformerFactory } from '../../client/informer-factory.ts'
import type { Transport } from '../../client/transport.ts'
import type { ControllerDependencies } from '../../controllers/kit/controller.ts'
import { followDefinitions } from '../../kinds/apiextensions/follow-definitions.ts'
import { builtInKinds } from '../../kinds/index.ts'
import { createRegistry } from '../../registry/create-registry.ts'
import { createLocalTransport } from '../../server/local-transport.ts'
import { servedKind, servedResources } from '../served-resources.ts'
import { createMemoryStore } from '../../storage/memory-store.ts'
import { systemClock, type Clock } from '../../util/clock.ts'
import { silentLogger, type Logger } from '../../util/logger.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Store } from '../../storage/store.ts'

/** A real API without HTTP and disk, for tests of agents. */
export interface TestControlPlane {
  readonly store: Store
  readonly registry: Registry
  readonly transport: Transport
  readonly client: Client
  readonly informers: InformerFactory
  readonly clock: Clock
  /** What controllers and the scheduler are made from. */
  readonly dependencies: ControllerDependencies
  /** From when it resolves, what CustomResourceDefinitions define is served. */
  followDefinitions(): Promise<void>
  /** Every listable resource. */
  resources(): Resource<KubeObject>[]
  /** Resolves when all events recorded so far are written. */
  flushEvents(): Promise<void>
  close(): Promise<void>
}

/** Registry, kinds, admission and in-process transport over a memory store; informers are started. */
export function createTestControlPlane(
  options: { clock?: Clock; log?: Logger } & Pick<AdmissionOptions, 'podSecurity'> = {},
): TestControlPlane {
  const { clock = systemClock, log = silentLogger } = options
  const store = createMemoryStore({ clock })
  const system: { client?: Client } = {}
  const reader = (): Client => {
    if (!system.client) throw new Error('the client is not there yet')
    return system.client
  }
  const lateClient = createClient({
    call: (call) => reader().transport.call(call),
    watch: (call, onEvents) => reader().transport.watch(call, onEvents),
  })
  const registered = createInformerFactory({ client: lateClient, clock, log })
  const dynamic = createDynamicAdmission({
    client: lateClient,
    informers: registered,
    // Whoever asks may do everything here.
    authorize: () => ({ isAllowed: true, reason: '' }),
    findKind: (apiVersion, kind) => servedKind(registry, apiVersion, kind),
    clock,
    log,
  })
  const admission = createAdmission({
    client: lateClient,
    dynamic,
    clock,
    ...(options.podSecurity && { podSecurity: options.podSecurity }),
    // Where no kubelet reports, nobody would take the taint away.
    disabled: ['TaintNodesByCondition'],
  })
  const allocators = { services: createServiceAllocator({ client: lateClient, clock }) }
  const registry: Registry = createRegistry({ store, kinds: builtInKinds, admission, allocators, clock, log })
  const tokenIssuer = {
    issuer: 'test',
    audiences: ['test'],
    issue: () => Promise.reject(new Error('this control plane issues no tokens')),
  }
  const user = { name: 'system:admin', groups: ['system:masters'] }
  const transport: Transport = createLocalTransport({ registry, tokenIssuer, clock }, user)
  const client = createClient(transport)
  system.client = client
  registered.start()
  const informers = createInformerFactory({ client, clock, log })
  informers.start()
  const recorders: EventRecorder[] = []
  let following: Disposable | undefined
  return {
    store,
    registry,
    transport,
    client,
    informers,
    clock,
    dependencies: {
      client,
      informers,
      clock,
      log,
      recorder(component) {
        const recorder = createEventRecorder({ client, component, clock, log })
        recorders.push(recorder)
        return recorder
      },
    },
    async followDefinitions() {
      following ??= await followDefinitions({ registry, clock, log })
    },
    resources: () => servedResources(registry),
    async flushEvents() {
      await Promise.all(recorders.map((recorder) => recorder.flush()))
    },
    async close() {
      for (const recorder of recorders) recorder[Symbol.dispose]()
      informers[Symbol.dispose]()
      registered[Symbol.dispose]()
      dynamic[Symbol.dispose]()
      following?.[Symbol.dispose]()
      await store.close()
    },
  }
}
