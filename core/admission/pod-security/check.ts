import type { Container, EphemeralContainer, PodSpec } from '../../api/generated/core-v1.ts'

/** A container of any sort, as far as checks look at it. */
export type AnyContainer = Container | EphemeralContainer

/** What checks see of a pod or of a pod template. */
export interface PodFacts {
  annotations: Record<string, string>
  spec: PodSpec
  /** Init containers, then containers, then ephemeral ones: the order messages name them in. */
  containers: readonly AnyContainer[]
}

/** Why a pod does not meet a check: the rule in short, and what in this pod breaks it. */
export interface Violation {
  reason: string
  detail: string
}

/** Looks at a pod; undefined when nothing is wrong. */
export type PodCheck = (pod: PodFacts) => Violation | undefined

/** One rule of the Pod Security Standards over the releases (upstream: pod-security-admission/policy Check). */
export interface Check {
  id: string
  level: 'baseline' | 'restricted'
  /** In rising order: from which minor on this text of the rule counts. */
  versions: {
    since: number
    check: PodCheck
    /** The baseline rule that this one stands for, so that a pod is not told of both. */
    overrides?: string
  }[]
}

/** Collects what checks look at. */
export function factsOf(annotations: Record<string, string> | undefined, spec: PodSpec): PodFacts {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = spec
  return {
    annotations: annotations ?? {},
    spec,
    containers: [...initContainers, ...containers, ...ephemeralContainers],
  }
}

/** The names of the containers that something is wrong with. */
export function namesWhere(pod: PodFacts, isBad: (container: AnyContainer) => boolean): string[] {
  return pod.containers.filter(isBad).map(({ name }) => name)
}

/** `"a", "b"`. */
export function quoted(items: Iterable<string>): string {
  return [...items].map((item) => `"${item}"`).join(', ')
}

/** The same, each once and in order. */
export function quotedSet(items: Iterable<string>): string {
  return quoted([...new Set(items)].sort())
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many
}

/** `container "a"`, `containers "a", "b"`. */
export function containersText(names: string[]): string {
  return `${plural(names.length, 'container')} ${quoted(names)}`
}

/** Who sets something bad: `pod`, `container "a"`, `pod and containers "a", "b"`; empty when nobody does. */
export function settersText(isPodBad: boolean, names: string[]): string {
  const setters = isPodBad ? ['pod'] : []
  if (names.length > 0) setters.push(containersText(names))
  return setters.join(' and ')
}

/** The check for all pods but those of Windows, which knows no such thing. */
export function exceptOnWindows(check: PodCheck): PodCheck {
  return (pod) => (pod.spec.os?.name === 'windows' ? undefined : check(pod))
}

/** The check for all pods but those in a user namespace of their own, where root is nobody outside. */
export function exceptInUserNamespace(check: PodCheck): PodCheck {
  return (pod) => (pod.spec.hostUsers === false ? undefined : check(pod))
}
