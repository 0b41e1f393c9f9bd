import type { Container, ContainerStatus, Pod, ResourceRequirements } from '../generated/core-v1.ts'
import { compareQuantity } from '../quantity.ts'
import { addAmounts, maxAmounts, type Amounts } from './amounts.ts'

type Field = 'requests' | 'limits'

/**
 * What a pod requests as a whole, or is limited to: the sum of its containers and sidecars, or the greatest moment of
 * its start-up if that is more; what the pod as a whole names instead; and its overhead (upstream: component-helpers
 * resource.PodRequests and PodLimits). While a resize is under way the greater of old and new counts.
 */
export function podResources(pod: Pod, field: Field): Amounts {
  const total = { ...containersTotal(pod, field), ...pickPodLevel(pod.spec.resources, field) }
  const overhead = pod.spec.overhead ?? {}
  if (field === 'requests') return addAmounts(total, overhead)
  // What is not limited stays so.
  const limited = Object.entries(overhead).filter(([name]) => compareQuantity(total[name] ?? '0', '0') !== 0)
  return addAmounts(total, Object.fromEntries(limited))
}

function pickPodLevel(resources: ResourceRequirements | undefined, field: Field): Amounts {
  const named = Object.entries(resources?.[field] ?? {})
  return Object.fromEntries(
    named.filter(([name]) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')),
  )
}

function containersTotal(pod: Pod, field: Field): Amounts {
  const { spec, status } = pod
  const running = (spec.containers ?? []).reduce(
    (sum, container) => addAmounts(sum, amountsOf(container, status?.containerStatuses, field)),
    {} as Amounts,
  )
  let sidecars: Amounts = {}
  let starting: Amounts = {}
  for (const container of spec.initContainers ?? []) {
    const own = amountsOf(container, status?.initContainerStatuses, field)
    const moment = addAmounts(own, sidecars)
    starting = maxAmounts(starting, moment)
    if (container.restartPolicy === 'Always') sidecars = moment
  }
  return maxAmounts(addAmounts(running, sidecars), starting)
}

function amountsOf(container: Container, statuses: ContainerStatus[] | undefined, field: Field): Amounts {
  const wanted = container.resources?.[field] ?? {}
  const status = statuses?.find(({ name }) => name === container.name)
  const actual = maxAmounts(wanted, status?.resources?.[field] ?? {})
  return field === 'requests' ? maxAmounts(actual, status?.allocatedResources ?? {}) : actual
}
