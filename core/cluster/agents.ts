import { serviceNetwork } from './bootstrap-objects.ts'
import { createSecretTokenSigner } from '../auth/secret-tokens.ts'
import { createEventRecorder, type EventRecorder } from '../client/event-recorder.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import type { Transport } from '../client/transport.ts'
import { createControllers } from '../controllers/index.ts'
import type { WorkQueueObserver } from '../controllers/kit/workqueue.ts'
import type { IngressHost } from '../controllers/ingress/ingress-host.ts'
import type { VolumeHost } from '../controllers/persistent-volume/volume-host.ts'
import type { LoadBalancerHost } from '../controllers/service-load-balancer/load-balancer-host.ts'
import { createScheduler, type Scheduler } from '../scheduler/scheduler.ts'
import type { SchedulerObserver } from '../scheduler/scheduler-observer.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { ControlPlane } from './control-plane.ts'

export interface AgentsOptions {
  plane: ControlPlane
  informers: InformerFactory
  /** Where persistent volumes lie. */
  volumeHost: VolumeHost
  /** Where Services of type LoadBalancer are open; undefined: somebody else sees to them. */
  loadBalancerHost: LoadBalancerHost | undefined
  /** Where Ingresses are served; undefined: somebody else sees to them. */
  ingressHost: IngressHost | undefined
  /** By way of HTTP, where extension API servers are reached, whose metrics may take the place of our own. */
  serverTransport: Transport
  /** Who is told what happens in the controllers' queues. */
  observeQueue(name: string): WorkQueueObserver
  /** Likewise of the scheduler. */
  schedulerObserver: SchedulerObserver
  clock: Clock
  log: Logger
}

/** The control loops of a cluster: all controllers and the scheduler. */
export interface Agents {
  readonly scheduler: Scheduler
  /** Resolves when every loop has its first lists and works. */
  start(): Promise<void>
  /** Ends them in reverse order, and writes out the events that are still queued. */
  stop(): Promise<void>
}

/**
 * A node that somebody switched off will not come back by itself: its pods move on after this long, not after the five
 * minutes that an unreachable node is given.
 */
const stoppedTolerationSeconds = 5

/** Wires controllers and scheduler to the API; nothing runs before `start`. */
export function createAgents(options: AgentsOptions): Agents {
  const { plane, informers, volumeHost, serverTransport, observeQueue, clock, log } = options
  const client = plane.clientFor('system:kube-controller-manager')
  const recorders: EventRecorder[] = []
  const keep = (created: EventRecorder): EventRecorder => {
    recorders.push(created)
    return created
  }
  const recorder = (component: string): EventRecorder =>
    keep(createEventRecorder({ client, component, clock, log }))
  const schedulerClient = plane.clientFor('system:kube-scheduler')
  const controllers = createControllers({
    client,
    informers,
    resources: () => plane.resources(),
    aggregated: { resources: () => plane.aggregatedResources(), transport: serverTransport },
    serviceRange: serviceNetwork.range,
    rootCa: plane.pki.ca.certificate,
    signingAuthority: plane.pki.ca,
    signSecretToken: createSecretTokenSigner(plane.pki.serviceAccountKey),
    recorder,
    observeQueue,
    checkPolicy: (policy) => plane.checkPolicy(policy),
    volumeHost,
    loadBalancerHost: options.loadBalancerHost,
    ingressHost: options.ingressHost,
    metricsTransport: serverTransport,
    stoppedTolerationSeconds,
    clock,
    log: log.child('controllers'),
  })
  const scheduler = createScheduler({
    client: schedulerClient,
    observer: options.schedulerObserver,
    informers,
    resources: () => plane.resources(),
    recorder: (component) =>
      keep(createEventRecorder({ client: schedulerClient, component, asSeries: true, clock, log })),
    clock,
    log: log.child('scheduler'),
  })
  return {
    scheduler,
    async start() {
      await Promise.all([...controllers.map((controller) => controller.start()), scheduler.start()])
    },
    async stop() {
      await scheduler.stop()
      for (const controller of controllers.toReversed()) await controller.stop()
      for (const created of recorders) created[Symbol.dispose]()
    },
  }
}
