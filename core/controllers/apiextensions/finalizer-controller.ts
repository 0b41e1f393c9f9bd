import { isConditionTrue, setCondition } from '../../api/conditions.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../api/generated/apiextensions-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, type Result } from '../kit/run-controller.ts'

const finalizer = 'customresourcecleanup.apiextensions.k8s.io'
/** How often objects that finalizers hold back are looked at again. */
const heldBackMs = 1_000

/**
 * Removes every object of a CustomResourceDefinition that is being deleted, and then lets the definition go (upstream:
 * apiextensions-apiserver pkg/controller/finalizer).
 */
export function createCrdFinalizerController(dependencies: ControllerDependencies): Controller {
  const { client, clock } = dependencies

  async function tell(
    crd: CustomResourceDefinition,
    condition: Omit<CustomResourceDefinitionCondition, 'type'>,
  ): Promise<CustomResourceDefinition> {
    const now = rfc3339(clock.now())
    const conditions = setCondition<CustomResourceDefinitionCondition>(
      crd.status?.conditions,
      { type: 'Terminating', ...condition },
      now,
    )
    if (conditions === crd.status?.conditions) return crd
    const next = { ...crd, status: { ...crd.status, conditions } }
    return client.updateStatus(resources.customResourceDefinitions, next)
  }

  async function finalize(found: CustomResourceDefinition): Promise<Result | void> {
    let crd = found
    if (isConditionTrue(crd.status?.conditions, 'Established')) {
      crd = await tell(crd, {
        status: 'True',
        reason: 'InstanceDeletionInProgress',
        message: 'CustomResource deletion is in progress',
      })
      const resource = resourceOf(crd)
      await deleteAll(resource)
      const { items } = await client.list(resource)
      if (items.length > 0) return { requeueAfterMs: heldBackMs }
      crd = await tell(crd, {
        status: 'False',
        reason: 'InstanceDeletionCompleted',
        message: 'removed all instances',
      })
    } else {
      crd = await tell(crd, {
        status: 'False',
        reason: 'NeverEstablished',
        message: 'resource was never established',
      })
    }
    const finalizers = crd.metadata.finalizers?.filter((name) => name !== finalizer) ?? []
    // As upstream through the status: whatever else is wrong with the definition, it can go.
    await client.updateStatus(resources.customResourceDefinitions, {
      ...crd,
      metadata: { ...crd.metadata, finalizers },
    })
  }

  async function deleteAll(resource: Resource<KubeObject>): Promise<void> {
    const { items } = await client.list(resource)
    const waiting = items.filter(({ metadata }) => !metadata.deletionTimestamp)
    const namespaces = new Set(waiting.map(({ metadata }) => metadata.namespace))
    for (const namespace of namespaces) {
      await client.deleteCollection(resource, namespace === undefined ? {} : { namespace })
    }
  }

  return defineController(dependencies, {
    name: 'customresourcedefinition-finalizer',
    for: resources.customResourceDefinitions,
    filter: ({ type, object }) => type !== 'deleted' && isWaiting(object),
    async reconcile({ object }) {
      if (!object || !isWaiting(object)) return
      try {
        return await finalize(object)
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}

function isWaiting({ metadata }: CustomResourceDefinition): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true
}

/** Any version leads to all objects; the storage version is served to the end. */
function resourceOf({ spec, status }: CustomResourceDefinition): Resource<KubeObject> {
  const version = spec.versions.find(({ storage }) => storage)?.name ?? ''
  const { kind, plural } = status?.acceptedNames ?? spec.names
  return { group: spec.group, version, resource: plural, kind, namespaced: spec.scope === 'Namespaced' }
}
