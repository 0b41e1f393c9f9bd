import type { Service } from '../../api/generated/core-v1.ts'
import { isLoopbackAddress } from '../../api/loopback.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, type Result } from '../kit/run-controller.ts'
import { writeLoadBalancer } from '../kit/write-load-balancer.ts'
import type { BalancedPort, LoadBalancerHost } from './load-balancer-host.ts'

/** The class of load balancers that are ours; Services that name none are ours too. */
const loadBalancerClass = 'wheelhouse.io/localhost'

const cleanupFinalizer = 'service.kubernetes.io/load-balancer-cleanup'
/** A port that another program holds is tried again after this long. */
const retryMs = 30_000

/**
 * Gives Services of type LoadBalancer an address of this machine (upstream: cloud-provider controllers/service). A Service whose
 * status somebody else has written, such as a load balancer installed in the cluster, is left to them. Without a host nothing is
 * given, and what an earlier run gave is taken back.
 */
export function createServiceLoadBalancerController(
  dependencies: ControllerDependencies,
  host: LoadBalancerHost | undefined,
): Controller {
  const { client } = dependencies
  const recorder = dependencies.recorder('service-controller')
  /** What this term of office has opened. */
  const opened = new Set<string>()

  function tell(
    service: Service,
    reason: string,
    message: string,
    type: 'Normal' | 'Warning' = 'Normal',
  ): void {
    recorder.record(referenceTo(resources.services, service), { type, reason, message })
  }

  function writeFinalizers(service: Service, finalizers: string[]): Promise<Service> {
    const metadata = { ...service.metadata, finalizers }
    return client.update(resources.services, { ...service, metadata })
  }

  async function ensure(service: Service, { ensure: open }: LoadBalancerHost): Promise<Result | void> {
    const isNew = !hasFinalizer(service)
    if (isNew) tell(service, 'EnsuringLoadBalancer', 'Ensuring load balancer')
    const held = isNew
      ? await writeFinalizers(service, [...(service.metadata.finalizers ?? []), cleanupFinalizer])
      : service
    opened.add(objectKey(held))
    const { ip, ports } = await open(held)
    const ingress = [{ ip, ipMode: 'Proxy', ports: ports.map(portStatus) }]
    const problems = ports.flatMap(({ error }) => (error ? [error.message] : []))
    if (!deepEqual(held.status?.loadBalancer?.ingress, ingress)) {
      await writeLoadBalancer(client, resources.services, held, ingress)
      if (problems.length === 0) tell(held, 'EnsuredLoadBalancer', 'Ensured load balancer')
      else
        tell(held, 'SyncLoadBalancerFailed', `Error syncing load balancer: ${problems.join('; ')}`, 'Warning')
    }
    if (problems.length > 0) return { requeueAfterMs: retryMs }
  }

  /** Not ours any more, or never was: `told` by events where a user did it. */
  async function release(service: Service, key: string): Promise<void> {
    const isOver = hasFinalizer(service) && !isForeign(service)
    if (isOver) tell(service, 'DeletingLoadBalancer', 'Deleting load balancer')
    await host?.release(key)
    if (isOver && !service.metadata.deletionTimestamp) {
      await writeLoadBalancer(client, resources.services, service, [])
      service = await client.get(resources.services, nameOf(service))
    }
    if (hasFinalizer(service)) {
      const finalizers = (service.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer)
      await writeFinalizers(service, finalizers)
    }
    if (isOver) tell(service, 'DeletedLoadBalancer', 'Deleted load balancer')
  }

  return defineController(dependencies, {
    name: 'service-lb',
    for: resources.services,
    filter: ({ object, previous }) =>
      isConcerned(object) || (previous !== undefined && isConcerned(previous)),
    dispose() {
      // Whoever leads after this opens them anew.
      for (const key of opened) void host?.release(key)
    },
    async reconcile({ key, object: service }) {
      try {
        if (!service) await host?.release(key)
        else if (host && isOurs(service)) return await ensure(service, host)
        else await release(service, key)
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}

/** Whether the controller has, or had, anything to do with the Service. */
function isConcerned(service: Service): boolean {
  return service.spec?.type === 'LoadBalancer' || hasFinalizer(service)
}

function isOurs(service: Service): boolean {
  const { metadata, spec } = service
  return (
    spec?.type === 'LoadBalancer' &&
    !metadata.deletionTimestamp &&
    (spec.loadBalancerClass ?? loadBalancerClass) === loadBalancerClass &&
    !isForeign(service)
  )
}

/** Whether somebody else has given the Service its address: ours are loopback addresses, behind which a proxy answers. */
function isForeign({ status }: Service): boolean {
  return (status?.loadBalancer?.ingress ?? []).some(
    ({ ip, ipMode }) => ipMode !== 'Proxy' || !isLoopbackAddress(ip),
  )
}

function hasFinalizer({ metadata }: Service): boolean {
  return metadata.finalizers?.includes(cleanupFinalizer) === true
}

function nameOf({ metadata: { namespace = '', name } }: Service): { namespace: string; name: string } {
  return { namespace, name }
}

function portStatus({ port, protocol, error }: BalancedPort): {
  port: number
  protocol: string
  error?: string
} {
  return { port, protocol, ...(error && { error: error.name }) }
}
