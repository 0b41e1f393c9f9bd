import type { Container, LimitRange, LimitRangeItem, Pod } from '../../api/generated/core-v1.ts'

const annotation = 'kubernetes.io/limit-ranger'

/** Gives every container the limits and requests it does not name itself, and notes in an annotation which. */
export function applyContainerDefaults(pod: Pod, { spec }: LimitRange): void {
  const items = (spec.limits ?? []).filter(({ type }) => type === 'Container')
  const limits = merged(items, 'default')
  const requests = merged(items, 'defaultRequest')
  const notes = [
    ...(pod.spec.containers ?? []).flatMap((container) =>
      applyTo(container, 'container', { limits, requests }),
    ),
    ...(pod.spec.initContainers ?? []).flatMap((container) =>
      applyTo(container, 'init container', { limits, requests }),
    ),
  ]
  if (notes.length === 0) return
  const text = `LimitRanger plugin set: ${notes.join('; ')}`
  pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: text }
}

function merged(items: LimitRangeItem[], name: 'default' | 'defaultRequest'): Record<string, string> {
  return Object.assign({}, ...items.map((item) => item[name] ?? {})) as Record<string, string>
}

function applyTo(
  container: Container,
  what: string,
  defaults: { limits: Record<string, string>; requests: Record<string, string> },
): string[] {
  const given = (container.resources ??= {})
  const notes: string[] = []
  for (const name of ['requests', 'limits'] as const) {
    const missing = Object.keys(defaults[name]).filter((resource) => given[name]?.[resource] === undefined)
    if (missing.length === 0) continue
    for (const resource of missing) given[name] = { ...given[name], [resource]: defaults[name][resource]! }
    notes.push(`${missing.sort().join(', ')} ${name.slice(0, -1)} for ${what} ${container.name}`)
  }
  return notes
}
