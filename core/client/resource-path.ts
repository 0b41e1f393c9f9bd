import { apiRoot } from '../api/gvk.ts'
import type { ApiCall, WatchCall } from './transport.ts'

/** Path and query of a request: `/api/v1/namespaces/x/pods/y/status?dryRun=All`. */
export function resourcePath(call: ApiCall | WatchCall, extraQuery: Record<string, string> = {}): string {
  const parts = [apiRoot(call.resource)]
  if (call.namespace !== undefined) parts.push('namespaces', encodeURIComponent(call.namespace))
  parts.push(call.resource.resource)
  if ('name' in call && call.name !== undefined) parts.push(encodeURIComponent(call.name))
  if ('subresource' in call && call.subresource !== undefined) parts.push(call.subresource)
  const query = new URLSearchParams({ ...call.query, ...extraQuery }).toString()
  return query ? `${parts.join('/')}?${query}` : parts.join('/')
}
