import { apiRoot, type GroupVersionResource } from '../../core/api/gvk.ts'

export interface PathOptions {
  namespace?: string | undefined
  name?: string | undefined
  subresource?: string | undefined
  query?: Record<string, string | number | boolean | undefined>
}

/** `?a=b` of the entries that are set, or ''. */
export function queryString(query: PathOptions['query'] = {}): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) parameters.append(key, String(value))
  }
  const text = parameters.toString()
  return text ? `?${text}` : ''
}

/** Path of a Kubernetes request at the gateway: `/clusters/<id>/k8s/api/v1/namespaces/a/pods/b?…`. */
export function kubePath(cluster: string, resource: GroupVersionResource, options: PathOptions = {}): string {
  const parts = [`/clusters/${encodeURIComponent(cluster)}/k8s${apiRoot(resource)}`]
  if (options.namespace) parts.push('namespaces', encodeURIComponent(options.namespace))
  parts.push(resource.resource)
  if (options.name) parts.push(encodeURIComponent(options.name))
  if (options.subresource) parts.push(options.subresource)
  return parts.join('/') + queryString(options.query)
}

/** A path as a ws:// or wss:// address on the page's own origin. */
export function webSocketUrl(path: string, base: string = window.location.href): string {
  const url = new URL(path, base)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.hash = ''
  return url.href
}
