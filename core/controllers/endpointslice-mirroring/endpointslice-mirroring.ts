import type { Endpoints } from '../../api/generated/core-v1.ts'
import type { EndpointSlice } from '../../api/generated/discovery-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { createExpectations } from '../kit/expectations.ts'
import { isNamespaceTerminating } from '../kit/pod-control.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import {
  managedByLabel,
  mirroredSlices,
  mirroringManager,
  serviceNameLabel,
  sliceKey,
  wantsMirror,
} from './mirrored-slices.ts'

const byEndpoints = 'mirroredEndpoints'

/**
 * Mirrors Endpoints that somebody keeps by hand, of Services without a selector, into EndpointSlices, which is what proxies
 * and DNS read (upstream: pkg/controller/endpointslicemirroring).
 */
export function createEndpointSliceMirroringController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const services = informers.informer(resources.services)
  const slices = informers.informer(resources.endpointSlices)
  slices.addIndex(byEndpoints, (slice) => [endpointsKeyOf(slice) ?? ''])
  const expectations = createExpectations(clock)

  function isMirrored(key: string, endpoints: Endpoints | undefined): endpoints is Endpoints {
    const service = services.store.get(key)
    return (
      endpoints !== undefined &&
      !endpoints.metadata.deletionTimestamp &&
      wantsMirror(endpoints) &&
      service !== undefined &&
      service.spec.selector === undefined
    )
  }

  async function reconcile(key: string, endpoints: Endpoints | undefined): Promise<void> {
    const wanted = isMirrored(key, endpoints) ? mirroredSlices(endpoints) : []
    const spare = new Map<string, EndpointSlice>()
    const surplus: EndpointSlice[] = []
    for (const slice of slices.store.byIndex(byEndpoints, key)) {
      if (slice.metadata.deletionTimestamp) continue
      if (spare.has(sliceKey(slice))) surplus.push(slice)
      else spare.set(sliceKey(slice), slice)
    }
    for (const slice of wanted) {
      const existing = spare.get(sliceKey(slice))
      spare.delete(sliceKey(slice))
      if (existing) await update(existing, slice)
      else await create(key, slice)
    }
    for (const slice of [...surplus, ...spare.values()]) await remove(slice)
  }

  async function create(key: string, slice: EndpointSlice): Promise<void> {
    expectations.expectCreations(key, 1)
    try {
      await client.create(resources.endpointSlices, slice)
    } catch (error) {
      expectations.forget(key)
      if (!isNamespaceTerminating(error)) throw error
    }
  }

  async function update(existing: EndpointSlice, wanted: EndpointSlice): Promise<void> {
    const { labels, annotations, ownerReferences } = wanted.metadata
    const metadata = {
      ...existing.metadata,
      labels,
      annotations,
      ownerReferences,
    } as EndpointSlice['metadata']
    const next = { ...existing, metadata, endpoints: wanted.endpoints ?? [] }
    if (!deepEqual(existing, next)) await client.update(resources.endpointSlices, next)
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
    name: 'endpointslice-mirroring',
    for: resources.endpoints,
    // The Endpoints of Services with a selector change with every pod; they are no business of ours.
    filter: ({ object }) => services.store.get(objectKey(object))?.spec.selector === undefined,
    watches: [
      watchOf(resources.services, ({ type, object, previous }) =>
        type === 'updated' && deepEqual(object.spec.selector, previous?.spec.selector)
          ? []
          : [objectKey(object)],
      ),
      watchOf(resources.endpointSlices, ({ type, object }) => {
        const key = endpointsKeyOf(object)
        if (key === undefined) return []
        if (type === 'added') expectations.creationObserved(key)
        return [key]
      }),
    ],
    async reconcile({ key, object }) {
      // A slice just made is not in the store yet; its arrival brings the key back.
      if (expectations.satisfied(key)) await reconcile(key, object)
    },
  })
}

/** The Endpoints that a slice of this controller mirrors. */
function endpointsKeyOf({ metadata: { labels, namespace } }: EndpointSlice): string | undefined {
  const name = labels?.[serviceNameLabel]
  if (labels?.[managedByLabel] !== mirroringManager || !name) return undefined
  return `${namespace ?? ''}/${name}`
}
