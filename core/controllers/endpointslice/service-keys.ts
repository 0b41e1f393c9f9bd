import type { Pod, Service } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import type { Lister } from '../../client/indexer.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { isPodReady } from '../kit/pod-state.ts'
import type { ObjectChange } from '../kit/run-controller.ts'
import { hasManagedEndpoints, selectsLabels } from './pod-endpoints.ts'

/** Whether the change of a pod can matter to an endpoint (upstream: podEndpointsChanged). */
function isRelevant({ type, object, previous }: ObjectChange<Pod>): boolean {
  if (type !== 'updated' || !previous) return true
  return (
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    isPodReady(object) !== isPodReady(previous) ||
    object.status?.phase !== previous.status?.phase ||
    object.spec.nodeName !== previous.spec.nodeName ||
    !deepEqual(object.status?.podIPs, previous.status?.podIPs) ||
    object.status?.podIP !== previous.status?.podIP ||
    !deepEqual(object.metadata.labels, previous.metadata.labels)
  )
}

/** Keys of the services that select the pod, now or before the change. */
export function servicesOf(services: Lister<Service>, change: ObjectChange<Pod>): string[] {
  if (!isRelevant(change)) return []
  const { object, previous } = change
  return services
    .inNamespace(object.metadata.namespace)
    .filter(
      (service) =>
        hasManagedEndpoints(service) &&
        (selectsLabels(service, object.metadata.labels) ||
          (previous !== undefined && selectsLabels(service, previous.metadata.labels))),
    )
    .map(objectKey)
}
