import type { Pod } from '../api/generated/core-v1.ts'
import type { LabelSelector } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { matchesRequirements, requirementsOf, type Matcher, type Requirement } from '../api/selectors.ts'
import type { Informer } from '../client/informer.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import type { KubeObject } from '../api/meta.ts'

/** Finds what selects a pod and its like. */
export interface PodPeers {
  /** What the finding is based on; to be synced before the first question. */
  readonly informers: readonly Pick<Informer<KubeObject>, 'start' | 'whenSynced'>[]
  /** All selectors of the pod's Services and its controller together; undefined when there are none. */
  peersOf(pod: Pod): Matcher | undefined
}

/** By Services, ReplicationControllers, ReplicaSets and StatefulSets (upstream: plugins/helper DefaultSelector). */
export function createPodPeers(informers: InformerFactory): PodPeers {
  const services = informers.informer(resources.services)
  const replicationControllers = informers.informer(resources.replicationControllers)
  const replicaSets = informers.informer(resources.replicaSets)
  const statefulSets = informers.informer(resources.statefulSets)

  function controllerSelector({ metadata }: Pod): LabelSelector | undefined {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller)
    if (!owner) return undefined
    const key = `${metadata.namespace ?? ''}/${owner.name}`
    switch (`${owner.apiVersion}/${owner.kind}`) {
      case 'v1/ReplicationController':
        return { matchLabels: replicationControllers.store.get(key)?.spec?.selector ?? {} }
      case 'apps/v1/ReplicaSet':
        return replicaSets.store.get(key)?.spec?.selector
      case 'apps/v1/StatefulSet':
        return statefulSets.store.get(key)?.spec?.selector
      default:
        return undefined
    }
  }

  function serviceLabels({ metadata }: Pod): Record<string, string> {
    const merged: Record<string, string> = {}
    const labels = metadata.labels ?? {}
    for (const { spec } of services.store.inNamespace(metadata.namespace ?? '')) {
      const selector = Object.entries(spec?.selector ?? {})
      if (selector.length === 0 || !selector.every(([key, value]) => labels[key] === value)) continue
      Object.assign(merged, spec?.selector)
    }
    return merged
  }

  return {
    informers: [services, replicationControllers, replicaSets, statefulSets],
    peersOf(pod) {
      const controller = controllerSelector(pod)
      const requirements: Requirement[] = [
        ...requirementsOf({ matchLabels: serviceLabels(pod) }),
        ...(controller ? requirementsOf(controller) : []),
      ]
      if (requirements.length === 0) return undefined
      return (labels) => matchesRequirements(requirements, labels)
    },
  }
}
