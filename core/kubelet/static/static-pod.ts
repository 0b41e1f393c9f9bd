import { createHash } from 'node:crypto'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import {
  configHashAnnotation,
  configSeenAnnotation,
  configSourceAnnotation,
  mirrorAnnotation,
} from '../../api/static-pod.ts'

/**
 * The pod of a manifest as the node runs it: named after the node, with a hash of what it was made from for its uid, and no
 * taint moves it away (upstream: kubelet/config/common.go applyDefaults).
 */
export function staticPod(manifest: Pod, from: { nodeName: string; path: string; seenAt: string }): Pod {
  const { nodeName, path, seenAt } = from
  const uid = createHash('md5')
    .update(JSON.stringify([manifest.metadata, manifest.spec, nodeName, path]))
    .digest('hex')
  const { name, namespace = 'default', labels, annotations } = manifest.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-${nodeName}`,
      namespace,
      uid,
      ...(labels ? { labels } : {}),
      annotations: {
        ...annotations,
        [configHashAnnotation]: uid,
        [configSourceAnnotation]: 'file',
        [configSeenAnnotation]: seenAt,
      },
    },
    spec: {
      ...manifest.spec,
      nodeName,
      tolerations: [...(manifest.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
    status: { phase: 'Pending' },
  }
}

/** What stands for a static pod at the API server (upstream: kubelet/pod/mirror_client.go). */
export function mirrorOf(pod: Pod, node: Node): Pod {
  const { uid = '', annotations, ...metadata } = pod.metadata
  const owner = {
    apiVersion: 'v1',
    kind: 'Node',
    name: node.metadata.name,
    uid: node.metadata.uid ?? '',
    controller: true,
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      annotations: { ...annotations, [mirrorAnnotation]: uid },
      ownerReferences: [owner],
    },
    spec: pod.spec,
  }
}

/** The hash of the static pod that a pod of the API server stands for; undefined for one that stands for itself. */
export function mirroredHash(pod: Pod): string | undefined {
  return pod.metadata.annotations?.[mirrorAnnotation]
}

/** Whether the kubelet has this pod from a file. */
export function isStaticPod(pod: Pod): boolean {
  return pod.metadata.annotations?.[configSourceAnnotation] === 'file' && mirroredHash(pod) === undefined
}
