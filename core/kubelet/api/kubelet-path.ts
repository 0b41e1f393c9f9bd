import type { IncomingMessage } from 'node:http'

/** One request to a kubelet. */
export interface KubeletRequest {
  method: string
  path: string
  /** The path's parts: `['stats', 'summary']`. */
  parts: string[]
  query: URLSearchParams
}

/** Reads a request line. */
export function parseKubeletPath(request: IncomingMessage): KubeletRequest {
  const url = new URL(request.url ?? '/', 'https://kubelet')
  const path = url.pathname
  const parts = path.split('/').filter((part) => part !== '')
  return {
    method: request.method ?? 'GET',
    path,
    parts: parts.map(decodeURIComponent),
    query: url.searchParams,
  }
}

/** The subresource of the node that a path needs access to, finest first (upstream: pkg/kubelet/server/auth.go). */
export function nodeSubresources({ parts }: KubeletRequest): string[] {
  const [first = ''] = parts
  if (first === 'stats') return ['stats']
  if (first === 'metrics') return ['metrics']
  if (first === 'logs' || first === 'containerLogs') return first === 'logs' ? ['log'] : ['proxy']
  if (first === 'checkpoint') return ['checkpoint']
  if (first === 'configz') return ['configz', 'proxy']
  if (first === 'healthz') return ['healthz', 'proxy']
  if (first === 'pods' || first === 'runningpods') return ['pods', 'proxy']
  return ['proxy']
}

/** The verb of a request, as access is checked by it. */
export function verbOf({ method }: KubeletRequest): string {
  switch (method) {
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return 'delete'
    default:
      return 'get'
  }
}
