import type { EndpointAddress, Endpoints, EndpointSubset, Pod, Service } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isAlreadyExists, isNotFound } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { isNamespaceTerminating } from '../kit/pod-control.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { portsKey } from './desired.ts'
import {
  endpointHostname,
  hasManagedEndpoints,
  isHeadless,
  podEndpoint,
  selectsLabels,
  type PodEndpoint,
} from './pod-endpoints.ts'
import { servicesOf } from './service-keys.ts'
import { createTriggerTimes, withTriggerTime } from './trigger-times.ts'

const headlessLabel = 'service.kubernetes.io/headless'
const managedByLabel = 'endpoints.kubernetes.io/managed-by'
const managedBy = 'endpoint-controller'
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity'
/** Upstream: maxCapacity. */
const maxAddresses = 1000

/** Keeps the legacy Endpoints object of each Service with a selector (upstream: pkg/controller/endpoint). */
export function createEndpointsController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const services = informers.informer(resources.services)
  const pods = informers.informer(resources.pods)
  const endpointsInformer = informers.informer(resources.endpoints)

  const triggerTimes = createTriggerTimes()

  function selectedBy(service: Service): Pod[] {
    return pods.store
      .inNamespace(service.metadata.namespace)
      .filter((pod) => selectsLabels(service, pod.metadata.labels))
  }

  function wantedFor(service: Service, selected: Pod[]): Endpoints {
    const found = selected
      .filter((pod) => !pod.metadata.deletionTimestamp)
      .flatMap((pod) => podEndpoint(service, pod) ?? [])
    const labels: Record<string, string> = { ...service.metadata.labels, [managedByLabel]: managedBy }
    delete labels[headlessLabel]
    if (isHeadless(service)) labels[headlessLabel] = ''
    const { name, namespace = '' } = service.metadata
    const annotations: Record<string, string> = {}
    if (found.length > maxAddresses) annotations[overCapacityAnnotation] = 'truncated'
    return { metadata: { name, namespace, labels, annotations }, subsets: subsetsOf(service, found) }
  }

  async function write(
    wanted: Endpoints,
    existing: Endpoints | undefined,
    time: string | undefined,
  ): Promise<void> {
    if (!existing) {
      const metadata = { ...wanted.metadata, annotations: withTriggerTime(wanted.metadata.annotations, time) }
      try {
        await client.create(resources.endpoints, { ...wanted, metadata })
      } catch (error) {
        if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error
      }
      return
    }
    const annotations: Record<string, string> = { ...existing.metadata.annotations }
    delete annotations[overCapacityAnnotation]
    Object.assign(annotations, wanted.metadata.annotations)
    const isSame =
      deepEqual(existing.subsets, wanted.subsets) &&
      deepEqual(existing.metadata.labels, wanted.metadata.labels) &&
      deepEqual(existing.metadata.annotations, annotations)
    if (isSame) return
    const metadata = {
      ...existing.metadata,
      labels: wanted.metadata.labels ?? {},
      annotations: withTriggerTime(annotations, time),
    }
    await client.update(resources.endpoints, { ...existing, metadata, subsets: wanted.subsets ?? [] })
  }

  return defineController(dependencies, {
    name: 'endpoints',
    for: resources.services,
    watches: [
      watchOf(resources.pods, (change) => servicesOf(services.store, change)),
      watchOf(resources.endpoints, ({ type, object: { metadata } }) =>
        type === 'added' ? [] : [`${metadata.namespace ?? ''}/${metadata.name}`],
      ),
    ],
    async reconcile({ key, name, namespace = '', object: service }) {
      const existing = endpointsInformer.store.get(key)
      if (!service) {
        triggerTimes.forget(key)
        if (!existing || existing.metadata.labels?.[managedByLabel] !== managedBy) return
        await client.delete(resources.endpoints, { namespace, name }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error
        })
        return
      }
      if (!hasManagedEndpoints(service)) return
      const selected = selectedBy(service)
      await write(wantedFor(service, selected), existing, triggerTimes.since(service, selected))
    },
  })
}

function addressOf(service: Service, { pod }: PodEndpoint): EndpointAddress {
  const { name, namespace, uid } = pod.metadata
  const address: EndpointAddress = {
    ip: pod.status?.podIP ?? '',
    targetRef: {
      kind: 'Pod',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
  }
  if (pod.spec.nodeName) address.nodeName = pod.spec.nodeName
  const hostname = endpointHostname(service, pod)
  if (hostname !== undefined) address.hostname = hostname
  return address
}

/** One subset for each set of ports, in a stable order (upstream: endpoints.RepackSubsets). */
function subsetsOf(service: Service, found: PodEndpoint[]): EndpointSubset[] {
  const byPorts = new Map<string, EndpointSubset>()
  const readyFirst = [...found].sort((a, b) => Number(b.isReady) - Number(a.isReady))
  for (const endpoint of readyFirst.slice(0, maxAddresses)) {
    if (endpoint.ports.length === 0 && !isHeadless(service)) continue
    const key = portsKey(endpoint.ports)
    let subset = byPorts.get(key)
    if (!subset) {
      const ports = endpoint.ports.map(({ name, port = 0, ...rest }) => ({
        ...(name ? { name } : {}),
        port,
        ...rest,
      }))
      byPorts.set(key, (subset = ports.length > 0 ? { ports } : {}))
    }
    const list = endpoint.isReady ? 'addresses' : 'notReadyAddresses'
    ;(subset[list] ??= []).push(addressOf(service, endpoint))
  }
  const byIp = (a: EndpointAddress, b: EndpointAddress): number => (a.ip < b.ip ? -1 : 1)
  for (const subset of byPorts.values()) {
    subset.addresses?.sort(byIp)
    subset.notReadyAddresses?.sort(byIp)
  }
  return [...byPorts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subset]) => subset)
}
