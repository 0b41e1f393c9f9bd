import type { Container, Pod, ResourceFieldSelector } from '../../api/generated/core-v1.ts'
import { parseNano } from '../../api/quantity.ts'

/**
 * The value of a resourceFieldRef in units of its divisor, rounded up (upstream: pkg/api/v1/resource). An absent CPU
 * or memory limit counts as what the node can give. Throws on unknown resources.
 */
export function resourceValue(
  selector: ResourceFieldSelector,
  container: Container,
  allocatable: Record<string, string>,
): string {
  const [list, ...rest] = selector.resource.split('.')
  const name = rest.join('.')
  if ((list !== 'limits' && list !== 'requests') || name === '') {
    throw new Error(`unsupported container resource : ${selector.resource}`)
  }
  const own = container.resources?.[list]?.[name]
  const value = own ?? (list === 'limits' ? allocatable[name] : undefined) ?? '0'
  const divisor = parseNano(selector.divisor ?? '1') || parseNano('1')!
  const nano = parseNano(value) ?? 0n
  return String((nano + divisor - 1n) / divisor)
}

/** The container a resourceFieldRef of a volume means. Throws when the pod has none of that name. */
export function namedContainer(pod: Pod, name: string | undefined): Container {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  const found = all.find((container) => container.name === name)
  if (!found) throw new Error(`container ${name} not found`)
  return found
}
