import type { Namespace, Pod } from '../../api/generated/core-v1.ts'
import type { NetworkPolicy } from '../../api/generated/networking-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { ObjectSource } from '../object-source.ts'
import { policyPod, samePolicyPod, type PolicyPod } from './policy-pods.ts'

/** All that network policies depend on. One per process, shared by all nodes. */
export interface PolicyIndex {
  /** Policies of a namespace. */
  policies(namespace: string): NetworkPolicy[]
  namespaces(): Iterable<[name: string, labels: Record<string, string>]>
  /** Pods of a namespace. */
  pods(namespace: string): Iterable<PolicyPod>
  pod(namespace: string, name: string): PolicyPod | undefined
  /** Told when a policy may mean something else than before; not told of pods while there is no policy. */
  onChange(listener: () => void): Disposable
  /** Resolves once all three sources are complete. */
  readonly synced: Promise<void>
  [Symbol.dispose](): void
}

/** Builds the index from the three informers and keeps it up to date until disposed. */
export function createPolicyIndex(sources: {
  policies: ObjectSource<NetworkPolicy>
  pods: ObjectSource<Pod>
  namespaces: ObjectSource<Namespace>
}): PolicyIndex {
  const policies = new Map<string, Map<string, NetworkPolicy>>()
  const pods = new Map<string, Map<string, PolicyPod>>()
  const namespaces = new Map<string, Record<string, string>>()
  const listeners = new Set<() => void>()

  function tell(): void {
    for (const listener of listeners) listener()
  }

  function tellIfEnforced(): void {
    if (policies.size > 0) tell()
  }

  function putPod(pod: Pod): void {
    const next = policyPod(pod)
    const siblings = inNamespace(pods, next.namespace)
    const before = siblings.get(pod.metadata.name)
    siblings.set(pod.metadata.name, next)
    if (!before || !samePolicyPod(before, next)) tellIfEnforced()
  }

  const putPolicy = (policy: NetworkPolicy): void => {
    inNamespace(policies, policy.metadata.namespace ?? '').set(policy.metadata.name, policy)
    tell()
  }

  const putNamespace = ({ metadata }: Namespace): void => {
    namespaces.set(metadata.name, metadata.labels ?? {})
    tellIfEnforced()
  }

  const subscriptions = [
    sources.namespaces.addHandler({
      added: putNamespace,
      updated: putNamespace,
      deleted({ metadata }) {
        namespaces.delete(metadata.name)
        tellIfEnforced()
      },
    }),
    sources.pods.addHandler({
      added: putPod,
      updated: putPod,
      deleted(pod) {
        remove(pods, pod)
        tellIfEnforced()
      },
    }),
    sources.policies.addHandler({
      added: putPolicy,
      updated: putPolicy,
      deleted(policy) {
        remove(policies, policy)
        tell()
      },
    }),
  ]

  return {
    policies: (namespace) => [...(policies.get(namespace)?.values() ?? [])],
    namespaces: () => namespaces.entries(),
    pods: (namespace) => pods.get(namespace)?.values() ?? [],
    pod: (namespace, name) => pods.get(namespace)?.get(name),
    onChange(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    synced: Promise.all(
      [sources.namespaces, sources.pods, sources.policies].map((source) => source.whenSynced()),
    ).then(() => undefined),
    [Symbol.dispose]() {
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
      listeners.clear()
    },
  }
}

function inNamespace<T>(all: Map<string, Map<string, T>>, namespace: string): Map<string, T> {
  let siblings = all.get(namespace)
  if (!siblings) all.set(namespace, (siblings = new Map<string, T>()))
  return siblings
}

function remove<T>(all: Map<string, Map<string, T>>, { metadata }: KubeObject): void {
  const namespace = metadata.namespace ?? ''
  const siblings = all.get(namespace)
  siblings?.delete(metadata.name)
  if (siblings?.size === 0) all.delete(namespace)
}
