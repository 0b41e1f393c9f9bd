import type { Pod } from '../../api/generated/core-v1.ts'

/** A pod as its own containers may see it: the addresses are known before they are in the pod's status. */
export interface PodView {
  pod: Pod
  podIps: string[]
  hostIps: string[]
}

function formatMap(map: Record<string, string> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
}

const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/

/** The value of a downward-API field path (upstream: pkg/fieldpath and kubelet podFieldSelectorRuntimeValue). Throws on unknown paths. */
export function fieldValue(fieldPath: string, { pod, podIps, hostIps }: PodView): string {
  const { metadata, spec } = pod
  const match = subscript.exec(fieldPath)
  if (match) return metadata[match[1] as 'labels' | 'annotations']?.[match[2]!] ?? ''
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid ?? ''
    case 'metadata.labels':
      return formatMap(metadata.labels)
    case 'metadata.annotations':
      return formatMap(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
      return hostIps[0] ?? ''
    case 'status.hostIPs':
      return hostIps.join(',')
    case 'status.podIP':
      return podIps[0] ?? ''
    case 'status.podIPs':
      return podIps.join(',')
    default:
      throw new Error(`unsupported fieldPath: ${fieldPath}`)
  }
}
