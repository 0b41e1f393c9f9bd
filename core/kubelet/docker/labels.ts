import type { PodIdentity } from '../runtime/specs.ts'
import { clusterLabel } from './remove-cluster.ts'

/**
 * Labels on everything the kubelet makes in Docker. The io.kubernetes names are dockershim's, so that tools which know
 * those keep working. Docker labels never change after creation: only what is fixed at creation goes here.
 */
export const label = {
  cluster: clusterLabel,
  node: 'io.wheelhouse.node',
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  type: 'io.kubernetes.docker.type',
  sandboxId: 'io.kubernetes.sandbox.id',
  attempt: 'io.wheelhouse.attempt',
  specHash: 'io.wheelhouse.spec-hash',
  volume: 'io.wheelhouse.volume',
  persistentVolume: 'io.wheelhouse.persistent-volume',
  claim: 'io.wheelhouse.claim',
  messagePath: 'io.kubernetes.container.terminationMessagePath',
  messagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
} as const

/** Who owns what is labelled: one cluster and one of its nodes. */
export interface Owner {
  clusterId: string
  nodeName: string
}

/** The labels shared by a pod's sandbox, containers and volumes. */
export function podLabels(owner: Owner, pod: PodIdentity): Record<string, string> {
  return {
    [label.cluster]: owner.clusterId,
    [label.node]: owner.nodeName,
    [label.podName]: pod.name,
    [label.podNamespace]: pod.namespace,
    [label.podUid]: pod.uid,
  }
}

/** Reads the pod back from labels. */
export function podFromLabels(labels: Record<string, string>): PodIdentity {
  return {
    uid: labels[label.podUid] ?? '',
    name: labels[label.podName] ?? '',
    namespace: labels[label.podNamespace] ?? '',
  }
}

/**
 * `k8s_<container>_<pod>_<namespace>_<uid>_<attempt>`, dockershim's form; sandboxes use the container name `POD`.
 * Docker refuses a second container of the same name, which makes creation idempotent.
 */
export function containerName(container: string, pod: PodIdentity, attempt: number): string {
  return ['k8s', container, pod.name, pod.namespace, pod.uid, String(attempt)].join('_')
}

/** The Docker volume behind one volume of one pod. */
export function volumeName(pod: { uid: string }, volume: string): string {
  return `k8s_${pod.uid}_${volume}`
}

/** Docker's `filters` parameter for what this node owns, narrowed by further `label=value` pairs. */
export function ownedFilters(owner: Owner, more: Record<string, string> = {}): { label: string[] } {
  const pairs = { [label.cluster]: owner.clusterId, [label.node]: owner.nodeName, ...more }
  return { label: Object.entries(pairs).map(([key, value]) => `${key}=${value}`) }
}
