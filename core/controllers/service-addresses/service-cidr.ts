import { findCondition } from '../../api/conditions.ts'
import type { IPAddress, ServiceCIDR } from '../../api/generated/networking-v1.ts'
import { resources } from '../../api/resources.ts'
import { familyOf, isOfAllocator, serviceCidrFinalizer } from '../../api/service-addresses.ts'
import { isNotFound } from '../../api/status.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf, type Result } from '../kit/run-controller.ts'
import { cidrsAround, cidrsWithAddress, networksOf, overlap } from './covering-cidrs.ts'

const component = 'service-cidr-controller'

/** So long allocators that have not heard of the deletion may still take addresses. */
const deletionGraceMs = 10_000

/**
 * Says of every ServiceCIDR that it is ready, and holds a deleted one back while addresses are from it that no other one covers
 * (upstream: pkg/controller/servicecidrs).
 */
export function createServiceCidrController(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder(component)
  const cidrs = informers.informer(resources.serviceCidrs)
  const addresses = informers.informer(resources.ipAddresses)

  /** Whether no address would be left without a ServiceCIDR. */
  function isSafeToRemove(cidr: ServiceCIDR): boolean {
    const all = cidrs.store.list()
    const isOther = ({ metadata }: ServiceCIDR): boolean => metadata.name !== cidr.metadata.name
    if (networksOf(cidr).every((network) => cidrsAround(all, network).some(isOther))) return true
    const families = new Set((cidr.spec.cidrs ?? []).map(familyOf))
    return !addresses.store.list().some((address) => {
      const { name } = address.metadata
      if (!isOfAllocator(address) || !families.has(familyOf(name))) return false
      const covering = cidrsWithAddress(all, name)
      return covering.length === 1 && !isOther(covering[0]!)
    })
  }

  async function setReady(
    cidr: ServiceCIDR,
    wanted: { status: 'True' | 'False'; reason: string; message: string },
  ): Promise<void> {
    const current = findCondition(cidr.status?.conditions, 'Ready')
    const isSame =
      current !== undefined &&
      current.status === wanted.status &&
      (current.reason ?? '') === wanted.reason &&
      current.message === wanted.message
    if (isSame) return
    const { name } = cidr.metadata
    const condition = { type: 'Ready', ...wanted, lastTransitionTime: rfc3339(clock.now()) }
    await client.patch(
      resources.serviceCidrs,
      { name },
      {
        type: 'apply',
        subresource: 'status',
        fieldManager: component,
        force: true,
        body: {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'ServiceCIDR',
          metadata: { name },
          status: { conditions: [condition] },
        },
      },
    )
  }

  async function setFinalizers(cidr: ServiceCIDR, finalizers: string[]): Promise<void> {
    try {
      await client.update(resources.serviceCidrs, { ...cidr, metadata: { ...cidr.metadata, finalizers } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async function letGo(cidr: ServiceCIDR, deletedAt: string): Promise<Result | void> {
    if (!isSafeToRemove(cidr)) {
      await setReady(cidr, {
        status: 'False',
        reason: 'Terminating',
        message:
          'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
      })
      return
    }
    const left = deletionGraceMs - (clock.now() - Date.parse(deletedAt))
    if (left > 0) return { requeueAfterMs: left }
    const finalizers = cidr.metadata.finalizers ?? []
    if (!finalizers.includes(serviceCidrFinalizer)) return
    await setFinalizers(
      cidr,
      finalizers.filter((one) => one !== serviceCidrFinalizer),
    )
  }

  async function reconcile(cidr: ServiceCIDR): Promise<Result | void> {
    const { deletionTimestamp, finalizers = [] } = cidr.metadata
    if (deletionTimestamp !== undefined) return letGo(cidr, deletionTimestamp)
    if (!finalizers.includes(serviceCidrFinalizer)) {
      // The change comes back to us, and the condition is set then.
      await setFinalizers(cidr, [...finalizers, serviceCidrFinalizer])
      return
    }
    try {
      // Whoever said so first is not contradicted: of its own range the API server does.
      const isReady = findCondition(cidr.status?.conditions, 'Ready')?.status === 'True'
      if (!isReady)
        await setReady(cidr, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' })
    } catch (error) {
      recorder.record(referenceTo(resources.serviceCidrs, cidr), {
        type: 'Warning',
        reason: 'KubernetesServiceCIDRError',
        message: 'The ServiceCIDR Status can not be set to Ready=True',
      })
      throw error
    }
  }

  /** Addresses only matter to a ServiceCIDR that is to go. */
  const deletedAround = ({ metadata }: IPAddress): string[] => {
    const deleted = cidrs.store.list().filter((cidr) => cidr.metadata.deletionTimestamp !== undefined)
    return cidrsWithAddress(deleted, metadata.name).map((cidr) => cidr.metadata.name)
  }

  return defineController(dependencies, {
    name: component,
    for: resources.serviceCidrs,
    watches: [
      watchOf(resources.serviceCidrs, ({ type, object }) =>
        type === 'added'
          ? cidrs.store.list().flatMap((other) => (overlap(object, other) ? other.metadata.name : []))
          : [],
      ),
      watchOf(resources.ipAddresses, ({ type, object }) => (type === 'updated' ? [] : deletedAround(object))),
    ],
    reconcile: async ({ object }) => (object ? reconcile(object) : undefined),
  })
}
