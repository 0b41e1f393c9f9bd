import type { EndpointSlice } from '../../api/generated/discovery-v1.ts'
import type { Service } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { createExpectations } from '../kit/expectations.ts'
import { isNamespaceTerminating } from '../kit/pod-control.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import {
  desiredEndpoints,
  managedBy,
  managedByLabel,
  serviceNameLabel,
  type SliceSettings,
} from './desired.ts'
import { hasManagedEndpoints, podEndpoint, selectsLabels } from './pod-endpoints.ts'
import { planSlices } from './plan-slices.ts'
import { servicesOf } from './service-keys.ts'
import { createTriggerTimes, withTriggerTime } from './trigger-times.ts'

const bySliceService = 'sliceService'

/**
 * Keeps the EndpointSlices of each Service with a selector (upstream: pkg/controller/endpointslice and
 * staging/endpointslice): at most 100 endpoints a slice, changed with as few writes as possible.
 */
export function createEndpointSliceController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const services = informers.informer(resources.services)
  const pods = informers.informer(resources.pods)
  const nodes = informers.informer(resources.nodes)
  const slices = informers.informer(resources.endpointSlices)
  slices.addIndex(bySliceService, (slice) => [serviceKeyOf(slice) ?? ''])
  const expectations = createExpectations(clock)
  const triggerTimes = createTriggerTimes()

  function settingsOf(service: Service): SliceSettings {
    return {
      service,
      zoneOf: (nodeName) => nodes.store.get(nodeName)?.metadata.labels?.['topology.kubernetes.io/zone'],
    }
  }

  async function reconcile(service: Service): Promise<void> {
    const key = objectKey(service)
    const selected = pods.store
      .inNamespace(service.metadata.namespace)
      .filter((pod) => selectsLabels(service, pod.metadata.labels))
    const endpoints = selected.flatMap((pod) => podEndpoint(service, pod) ?? [])
    const existing = slices.store.byIndex(bySliceService, key)
    const plan = planSlices(service, existing, desiredEndpoints(settingsOf(service), endpoints))
    const time = triggerTimes.since(service, selected)
    for (const { metadata } of [...plan.updates, ...plan.creates]) {
      metadata.annotations = withTriggerTime(metadata.annotations, time)
    }
    for (const slice of plan.updates) await client.update(resources.endpointSlices, slice)
    if (plan.creates.length > 0) expectations.expectCreations(key, plan.creates.length)
    for (const slice of plan.creates) {
      try {
        await client.create(resources.endpointSlices, slice)
      } catch (error) {
        expectations.forget(key)
        if (!isNamespaceTerminating(error)) throw error
      }
    }
    for (const slice of plan.deletes) await remove(slice)
  }

  async function remove({ metadata: { namespace = '', name, uid } }: EndpointSlice): Promise<void> {
    try {
      const options = uid === undefined ? {} : { preconditions: { uid } }
      await client.delete(resources.endpointSlices, { namespace, name }, options)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  return defineController(dependencies, {
    name: 'endpointslice',
    for: resources.services,
    watches: [
      watchOf(resources.pods, (change) => servicesOf(services.store, change)),
      watchOf(resources.endpointSlices, ({ type, object }) => {
        const key = serviceKeyOf(object)
        if (key === undefined) return []
        if (type === 'added') expectations.creationObserved(key)
        return [key]
      }),
    ],
    async reconcile({ key, object: service }) {
      if (!service) {
        // The slices go with their owner, by garbage collection.
        expectations.forget(key)
        triggerTimes.forget(key)
        return
      }
      if (service.metadata.deletionTimestamp || !hasManagedEndpoints(service)) return
      // A slice just made is not in the store yet; its arrival brings the key back.
      if (expectations.satisfied(key)) await reconcile(service)
    },
  })
}

/** The service a slice of this controller belongs to. */
function serviceKeyOf({ metadata: { labels, namespace } }: EndpointSlice): string | undefined {
  const name = labels?.[serviceNameLabel]
  if (labels?.[managedByLabel] !== managedBy || !name) return undefined
  return `${namespace ?? ''}/${name}`
}
