import type { PodSpec } from '../../api/generated/core-v1.ts'

/** Whether an update of a pod changes anything the standards could object to (upstream: admission.go isSignificantPodUpdate). */
export function isSignificantUpdate(next: PodSpec, old: PodSpec): boolean {
  for (const field of ['containers', 'initContainers'] as const) {
    const [now, before] = [next[field] ?? [], old[field] ?? []]
    if (now.length !== before.length) return true
    if (now.some(({ image }, index) => image !== before[index]?.image)) return true
  }
  const before = new Map((old.ephemeralContainers ?? []).map(({ name, image }) => [name, { image }]))
  return (next.ephemeralContainers ?? []).some(({ name, image }) => {
    const known = before.get(name)
    return !known || known.image !== image
  })
}
